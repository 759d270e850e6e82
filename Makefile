# Every target works from a fresh clone: it makes .venv, builds the package into it, and runs. The second call is quick.
# Needs Python 3.11 or newer, a C compiler and make. `make test PYTHON=python3.12` chooses another interpreter.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
KERNELS := $(shell find gainsched -name '*.pyx' -o -name '*.pxd' -o -name '*.h')
.DEFAULT_GOAL := help
.PHONY: help demo test slow dev check bench docs clean

help:                     ## this list
	@sed -nE 's/^([a-z]+):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 14

demo: $(VENV)/.built      ## calibrate a real glucose sensor online; prints a table, writes a report page
	$(BIN)/gainsched demo

test: $(VENV)/.dev        ## the test suite
	$(BIN)/python -m pytest -n 2

slow: $(VENV)/.dev        ## the long tests: soaks and Monte Carlo
	$(BIN)/python -m pytest -n 2 -m slow || [ $$? -eq 5 ]     # 5: there is none

dev: $(VENV)/.dev         ## an editable install with all tools in .venv

check: $(VENV)/.dev       ## ruff, mypy --strict, cython-lint; all three, even if one complains
	@status=0; for tool in "ruff check ." "mypy" "cython-lint gainsched"; do \
		echo "$$tool"; PATH="$(CURDIR)/$(BIN):$$PATH" $$tool || status=1; \
	done; exit $$status

bench: $(VENV)/.bench     ## time gainsched and its peers in one run
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/gains.py
	$(BIN)/python benchmarks/analysis.py

docs: $(VENV)/.docs       ## the documentation; a warning is an error
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "Open docs/_build/html/index.html"

clean:                    ## remove everything that was built
	rm -rf $(VENV) build dist *.egg-info docs/_build docs/gallery docs/api/generated .mypy_cache .ruff_cache .pytest_cache
	find gainsched \( -name '*.so' -o -name '*.pyd' \) -exec rm -f {} +

# What the build would otherwise report a minute later, and less clearly.
define PREFLIGHT
import os, shutil, sys, sysconfig
have = "%s is Python %d.%d" % (sys.executable, sys.version_info[0], sys.version_info[1])
if sys.version_info < (3, 11):
    sys.exit("gainsched needs Python 3.11 or newer; " + have + ". Try: make $(MAKECMDGOALS) PYTHON=python3.12")
compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
if shutil.which(compiler) is None:
    sys.exit("gainsched needs a C compiler; %r is not there. Install one, or name it: make $(MAKECMDGOALS) CC=clang" % compiler)
if not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")):
    sys.exit("gainsched needs Python.h; " + have + " without it. Install the headers, often called python3-dev.")
endef
export PREFLIGHT

# Stamps: a file under .venv is younger than what it was made from.
$(VENV)/.python:
	@command -v $(PYTHON) > /dev/null || { echo "$(PYTHON) is not there; name another: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c "$$PREFLIGHT"
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP) install --quiet --upgrade "pip >= 25.1"
	@touch $@

# A changed kernel recompiles by itself; a changed set-up, or the first call, installs. PYTHONWARNINGS: setuptools warns
# at length about editable installs as such.
$(VENV)/.built: $(VENV)/.python pyproject.toml setup.py $(KERNELS)
	@echo "Building gainsched into $(VENV); the first time takes about a minute ..."
	$(if $(filter-out $(KERNELS),$?), \
		$(PIP) install --quiet --group build && \
		PYTHONWARNINGS=ignore $(PIP) install --quiet --no-build-isolation --editable ".[demo]", \
		$(BIN)/python setup.py --quiet build_ext --inplace)
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/.built
	$(PIP) install --quiet --group dev
	@touch $@

$(VENV)/.bench: pyproject.toml | $(VENV)/.built
	$(PIP) install --quiet --group bench
	@touch $@

$(VENV)/.docs: pyproject.toml | $(VENV)/.built
	$(PIP) install --quiet --group docs
	@touch $@
