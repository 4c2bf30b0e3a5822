"""What the documents say of files, columns and commands is there."""

import re
from pathlib import Path

import pytest

from geo.schema import TABLES
from maps.outputs import FILES

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / name for name in ("README.md", "README.vi.md", "CONTRIBUTING.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    links = re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert missing == []


def test_the_tables_page_lists_every_column():
    sections = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8").split("\n## ")[1:]
    listed = {s.split("\n")[0]: re.findall(r"^\| `(\w+)` \|", s, flags=re.MULTILINE) for s in sections}
    assert listed == {name: list(schema.columns) for name, schema in TABLES.items()}


@pytest.mark.parametrize("name", ["README.md", "README.vi.md"])
def test_the_readme_names_every_output(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert [file for file in FILES if Path(file).stem not in text] == []


def test_every_test_that_the_promises_name_is_there():
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    sources = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
    files = set(re.findall(r"`(?:tests/[\w/]+/)?(test_\w+\.py)`", text))
    names = set(re.findall(r"`((?:test_|Test)\w+)`", text))
    assert len(files) > 10
    assert len(names) > 30
    assert files <= set(sources)
    assert [name for name in names if not any(f" {name}" in source for source in sources.values())] == []
