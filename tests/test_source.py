"""What the program's own source never does: the ways by which a file could run something, or an error tell a row."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("geo", "models", "maps", "workflow", "cli", "notebooks")

FORBIDDEN_MODULES = {
    "pickle", "joblib", "marshal", "shelve", "dill", "cloudpickle", "yaml", "lxml", "xml.dom", "xml.sax", "xml.parsers",
    "subprocess", "code", "pty",
}  # fmt: skip
"""Loaders that build whatever a file says, parsers that fetch what it names, and what starts programs."""

FORBIDDEN_CALLS = {
    "eval", "exec", "compile", "__import__", "read_pickle", "to_pickle", "system", "popen", "from_string",
    "fromstring", "fromstringlist", "iterparse", "XMLParser", "XMLPullParser", "XMLID", "XML",
    "execute", "executemany", "executescript", "read_sql", "read_sql_query",
}  # fmt: skip
"""Of any object; those of SQL unless they are given a text that stands in the source."""

FORBIDDEN_OPTIONS = {"allow_pickle", "shell", "sql"}
"""Set to anything but False. Of what reads a file also ``where``, which is SQL."""

ALLOWED = {
    ("geo/plain_xml.py", "import xml.parsers"),  # the one parser of other people's XML: no document types
    ("maps/qgis_project.py", "fromstring"),  # of the style that it wrote itself
    ("geo/postgis/__init__.py", "execute"),  # statements that SQLAlchemy or psycopg puts together of names and values
    ("geo/postgis/migrations.py", "execute"),  # likewise
    ("geo/geopackage.py", "execute"),  # drops tables by the names of `LAYERS`
    ("geo/geopackage.py", "where"),  # the number of the last row that was read, and columns of `LAYERS`
    ("maps/mbtiles.py", "execute"),  # writes a number of its own
}


def forbidden(source):
    """Yield what a source does that it must not."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                names = [node.module or "", *(f"{node.module}.{name}" for name in names)]
            found = {module for module in FORBIDDEN_MODULES for name in names if f"{name}.".startswith(f"{module}.")}
            yield from (f"import {module}" for module in sorted(found))
        elif isinstance(node, ast.Call):
            yield from forbidden_call(node)
        elif isinstance(node, ast.ExceptHandler):
            for raised in ast.walk(node):
                if isinstance(raised, ast.Raise) and raised.exc and not is_none(raised.cause):
                    yield "raise with what was caught"  # a library's error may quote a cell


def forbidden_call(node):
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    sql = name.startswith(("execute", "read_sql")) and node.args and stands_in_the_source(node.args[0])
    if name in FORBIDDEN_CALLS and ast.unparse(node.func) != "re.compile" and not sql:
        yield name
    for option in node.keywords:
        sql = option.arg == "where" and name.startswith("read")
        if (sql or option.arg in FORBIDDEN_OPTIONS) and not is_false(option.value):
            yield option.arg


def stands_in_the_source(node):
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "text":
        return stands_in_the_source(node.args[0])
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())


def is_none(node):
    return isinstance(node, ast.Constant) and node.value is None


def is_false(node):
    return isinstance(node, ast.Constant) and node.value is False


def test_the_source_does_nothing_of_it():
    files = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    assert len(files) > 300
    found = {
        (str(path.relative_to(ROOT)), what) for path in files for what in forbidden(path.read_text(encoding="utf-8"))
    }
    assert found == ALLOWED


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import pickle", "import pickle"),
        ("from joblib import load", "import joblib"),
        ("import xml.dom.minidom as d", "import xml.dom"),
        ("from xml import sax", "import xml.sax"),
        ("eval(text)", "eval"),
        ("frame.eval('a')", "eval"),
        ("exec(compile(a, b, 'exec'))", "compile"),
        ("yaml.load(x)\nimport yaml", "import yaml"),
        ("np.load(x, allow_pickle=True)", "allow_pickle"),
        ("np.load(x, allow_pickle=False)", None),
        ("ElementTree.fromstring(text)", "fromstring"),
        ("db.execute(f'DROP TABLE {name}')", "execute"),
        ("db.execute('SELECT ' + name)", "execute"),
        ("db.execute(query)", "execute"),
        ("db.execute('SELECT ?', (name,))", None),
        ("db.execute(STATEMENT)", None),
        ("db.execute(text('SELECT 1'))", None),
        ("db.execute(text(f'SELECT {n}'))", "execute"),
        ("pyogrio.read_dataframe(path, where=text)", "where"),
        ("np.divide(a, b, where=b > 0)", None),
        ("re.compile(text)", None),
        ("try:\n    f()\nexcept ValueError as e:\n    raise Wrong('x') from e", "raise with what was caught"),
        ("try:\n    f()\nexcept ValueError:\n    raise Wrong('x')", "raise with what was caught"),
        ("try:\n    f()\nexcept ValueError:\n    raise Wrong('x') from None", None),
        ("try:\n    f()\nexcept ValueError:\n    raise", None),
    ],
)
def test_the_search_finds_each(source, what):
    assert (what in set(forbidden(source))) if what else not set(forbidden(source))
