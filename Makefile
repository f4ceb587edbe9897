# `make demo` and `make test` each do all set-up on a fresh Debian 12; nothing is done twice.
# PYTHON=... names another interpreter to make the virtual environment with.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
PYTEST := PYTHONPATH=tests $(BIN)/python -m pytest -p suite_times --durations=10

# Two workers, a file of tests to each: half of the suite waits for disks and processes. Both must
# collect the same tests in the same order, so sets of strings need an order that is fixed.
TWO_WORKERS := -n 2 --dist loadfile

export PYTHON
export PYTHONHASHSEED ?= 0
export QT_QPA_PLATFORM ?= offscreen

.PHONY: help
help:  ## What can be made
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: $(VENV)/.installed  ## Separate a region of a made-up project with the local engine
	$(BIN)/hanolab demo --yes

.PHONY: test
test: $(VENV)/.installed-dev  ## The suite a contributor runs
	$(PYTEST) $(TWO_WORKERS) -m "not soak"

.PHONY: soak
soak: $(VENV)/.installed-dev  ## The long runs: random kills, big files, fuzzing
	$(PYTEST) -m soak || [ $$? -eq 5 ]  # 5: there are none

.PHONY: lint
lint: $(VENV)/.installed-dev  ## Style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.PHONY: docs
docs: $(VENV)/.installed  ## The pages that are made from tables of the program
	$(BIN)/python docs/generate.py

.PHONY: bench
bench: $(VENV)/.installed-dev  ## Every benchmark in turn, as ratios
	for benchmark in benchmarks/*.py; do echo "== $$benchmark"; $(BIN)/python "$$benchmark"; done

.PHONY: clean
clean:  ## Remove what the targets above made here
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis hanolab-demo
	find hanolab_dawtools tests benchmarks host_bridge -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/bin/python:
	.ci/system-packages
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing the package and what it needs (several hundred MB, with Qt) ..."
	$(PIP_INSTALL) -e .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing the developer's tools ..."
	$(PIP_INSTALL) -e '.[dev]'
	touch $@
