# The two commands of a newcomer are `make run` and `make test`.
PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
INSTALLED := $(VENV)/.installed
DEVELOPING := $(VENV)/.developing

.PHONY: help setup run test check bench samples clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

$(INSTALLED): pyproject.toml
	@echo "Installing into $(VENV): about 1 GB, a few minutes the first time."
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	@touch $@

$(DEVELOPING): $(INSTALLED)
	$(PIP) --editable '.[dev]'
	@touch $@

setup: $(INSTALLED)  ## virtual environment, dependencies, models
	$(BIN)/galacite models install

run: setup  ## install, migrate, load the sample library when empty, open the app on 127.0.0.1:8501
	$(BIN)/galacite serve --samples

check: $(DEVELOPING)  ## lint, format, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check setup  ## everything CI runs: checks and the whole test suite
	$(BIN)/pytest

bench: setup  ## the benchmarks that need no corpora
	$(BIN)/galacite bench start
	$(BIN)/galacite bench search

samples: $(DEVELOPING)  ## typeset the sample library again
	$(BIN)/python -m app.samples.build

clean:  ## remove what was built here; the library in the data folder stays
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
