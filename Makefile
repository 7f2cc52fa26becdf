# make demo, make test: both set up .venv first. On Windows: see README.
# make notebooks: executes the notebooks and keeps their outputs anew; make test finds outputs that are stale.
# make bench: all benchmarks, ended by a table of what was wanted and what was measured; about two hours on two cores,
# most of them for the capacitated and contiguous instances. make bench ONLY="median or travel" runs some of them.
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
PYTHON ?= python
else
BIN := .venv/bin
PYTHON ?= python3
endif

.PHONY: venv demo test lint bench clean data notebooks

venv: .venv/.ready

.venv/.ready: pyproject.toml constraints.txt
	$(PYTHON) -c "import sys; sys.exit(0 if sys.version_info >= (3, 11) else 'Python 3.11 or newer is needed')"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	$(BIN)/python -c "import pathlib; pathlib.Path('.venv/.ready').touch()"

demo: venv
	$(BIN)/layout-planner demo

test: venv
	$(BIN)/python tests/needs.py
	$(BIN)/python -m pytest -n auto

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt ".[bench]"
	$(BIN)/python -m pytest tests/benchmarks --benchmark-only --benchmark-columns=min,median,rounds -s $(if $(ONLY),-k "$(ONLY)")

notebooks: venv
	$(BIN)/python tests/needs.py
	$(BIN)/python -m pytest notebooks --overwrite

data: venv
	$(BIN)/layout-planner example data/yangli

clean:
	$(PYTHON) -c "import shutil; [shutil.rmtree(d, ignore_errors=True) for d in ('.venv', 'demo', 'runs', 'build', 'dist')]"
