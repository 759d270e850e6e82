# Every target works from a fresh clone: it makes .venv, builds the package into it, and runs.
# Needs python3 >= 3.11, a C compiler and make. PYTHON=python3.12 make test chooses another interpreter.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml setup.py $(shell find gainsched -name '*.pyx' -o -name '*.pxd' -o -name '*.h')
.DEFAULT_GOAL := help
.PHONY: help demo test slow dev check bench docs clean

help:                     ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/.demo       ## calibrate a real glucose sensor online, write a report page
	$(BIN)/gainsched demo

test: $(VENV)/.dev        ## the test suite
	$(BIN)/python -m pytest -n 2 -m "not slow"

slow: $(VENV)/.dev        ## the long tests
	$(BIN)/python -m pytest -n 2 -m slow

dev: $(VENV)/.dev         ## editable install with all tools

check: $(VENV)/.dev       ## ruff, mypy --strict, cython-lint
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/cython-lint gainsched

bench: $(VENV)/.bench     ## time us and our peers in one run
	$(BIN)/python benchmarks/run.py

docs: $(VENV)/.docs       ## build the documentation without warnings
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

clean:                    ## remove everything that was built
	rm -rf $(VENV) build dist docs/_build docs/gallery docs/api/generated *.egg-info
	find gainsched -name '*.so' -o -name '*.pyd' | xargs rm -f

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "gainsched needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try PYTHON=python3.12 make $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip >= 25.1"
	@touch $@

$(VENV)/.demo: $(VENV)/.python $(SOURCES)
	@echo "Building gainsched into $(VENV) (about two minutes the first time) ..."
	$(BIN)/python -m pip install --quiet --editable ".[demo]"
	@touch $@

$(VENV)/.dev: $(VENV)/.demo
	$(BIN)/python -m pip install --quiet --editable ".[demo,io]" --group dev
	@touch $@

$(VENV)/.bench: $(VENV)/.demo
	$(BIN)/python -m pip install --quiet --group bench
	@touch $@

$(VENV)/.docs: $(VENV)/.demo
	$(BIN)/python -m pip install --quiet --group docs
	@touch $@
