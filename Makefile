# make demo: the main job on the built-in demo province.  make test: everything that CI checks.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
OUT    ?= demo-output
WORKSPACES := tests/workflow tests/test_workflow.py tests/test_cli.py tests/geo/test_workspace.py

.PHONY: demo test lint bench lock boundaries locale clean

$(VENV)/.runtime: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

demo: $(VENV)/.runtime
	$(BIN)/diemnong demo --out $(OUT)

# A process for each processor; a file's tests share what they set up. Then those that make workspaces, in databases.
test: lint
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --store database $(WORKSPACES)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	for script in benchmarks/[a-z]*.py; do $(BIN)/python $$script || exit 1; done

# Exact versions with hashes for every platform and Python from 3.11 on; no index addresses in the files.
lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
	    --python-version 3.11 --extra build pyproject.toml -o requirements.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
	    --python-version 3.11 --extra build --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

# Collect the messages into the Vietnamese catalogue and compile it.
locale: $(VENV)/.dev
	mkdir -p build
	$(BIN)/pybabel -q extract -F maps/locale/babel.toml --no-location --sort-output -o build/messages.pot \
	    geo models maps workflow cli
	$(BIN)/pybabel -q update -D diemnong -l vi -d maps/locale -i build/messages.pot --no-fuzzy-matching \
	    --ignore-obsolete --ignore-pot-creation-date --width=120
	$(BIN)/python maps/locale/compile.py

# Rebuild the built-in layers from the facts and the extract.
boundaries: $(VENV)/.dev
	$(BIN)/python data/boundaries/build/build.py

clean:
	rm -rf $(VENV) demo-output build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
