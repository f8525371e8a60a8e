# Everything a developer or CI runs. `make` alone prints this list.

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
UV := uv==0.13.9

# The first of these that runs and has the right version and the venv module; `make PYTHON=... test` picks another.
PYTHON ?=
CANDIDATES := $(or $(PYTHON),python3.11 python3.12 python3)
FITS := import ensurepip, sys, venv; raise SystemExit(not (3, 11) <= sys.version_info < (3, 13))

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help install demo test prove alike races powercut lint types format settings bench overload lock clean
.DEFAULT_GOAL := help

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

install: $(INSTALLED) ## install the pinned packages and the project into .venv

# Skipped while the lock file and pyproject.toml are older than the stamp.
$(INSTALLED): requirements-dev.lock pyproject.toml
	@python=; \
	for candidate in $(CANDIDATES); do \
	  if "$$candidate" -c '$(FITS)' >/dev/null 2>&1; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Multiway needs Python 3.11 or 3.12 with its venv module; none of these is one: $(CANDIDATES)." >&2; \
	  exit 1; \
	fi; \
	if ! { $(BIN)/python -c '$(FITS)' && $(BIN)/python -m pip --version; } >/dev/null 2>&1; then \
	  echo "== install: a new $(VENV) with $$($$python --version)"; \
	  "$$python" -m venv --clear $(VENV); \
	fi
	@echo "== install: the pinned packages"
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $(INSTALLED)

demo: install ## make a small network and serve it on this machine
	@$(BIN)/multiway demo

test: lint types ## lint, types, and all tests with the coverage gate: what CI runs
	@echo "== tests"
	@$(BIN)/python -m pytest --numprocesses auto --cov --cov-report term

# `make prove NUMBER=500 BACKENDS=memory SEEDS=0` is a shorter one; SEEDS is on how many seeds leaks are planted.
NUMBER ?= 20000
BACKENDS ?= memory,sqlite
SEEDS ?= 3

prove: install ## prove on many pairs of worlds that what is hidden makes no difference
	@$(BIN)/python -m tests.leaks.prove $(NUMBER) --backends "$(BACKENDS)" --seeds $(SEEDS)

# 3,000 scenarios are some 19,000 operations.
SCENARIOS ?= 3000

alike: install ## carry out random operations on every backend, and compare the answers byte for byte
	@$(BIN)/python -m tests.leaks.alike $(SCENARIOS)

# `make races RACES=1000 BACKENDS=memory` is a shorter one.
RACES ?= 10000

races: install ## race reads against what takes rights away
	@$(BIN)/python -m tests.leaks.races $(RACES) --backends "$(BACKENDS)"

# `make powercut CUTS=500` is a shorter one.
CUTS ?= 5000

powercut: install ## cut the power while spaces are written, at random places
	@MULTIWAY_CUTS=$(CUTS) $(BIN)/python -m pytest -q tests/spaces/test_power_cut.py

lint: install ## check style and format
	@echo "== lint"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .

types: install ## check types
	@echo "== types"
	@$(BIN)/mypy --no-error-summary

format: install ## put the code into its one format, and mend what lint can mend
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

settings: install ## write the tables of docs/settings.md anew, from the code
	@$(BIN)/multiway settings --into docs/settings.md

bench: install ## measure the page against its floor and the plain way
	@$(BIN)/python -m bench

overload: install ## ask three times more of a gateway than it can answer
	@$(BIN)/python -m bench.overload

# Both files hold on Python 3.11 and 3.12: they are resolved for the older, and a house test looks at them.
lock: install ## pin anew what pyproject.toml asks for
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && \
	$(BIN)/python -m venv "$$tools" && "$$tools/bin/pip" install --quiet "$(UV)" && \
	compile() { "$$tools/bin/uv" pip compile --quiet --python-version 3.11 --generate-hashes --upgrade \
	  --no-header --no-annotate --no-emit-index-url pyproject.toml "$$@"; } && \
	compile --output-file requirements.lock && \
	compile --extra dev --output-file requirements-dev.lock

clean: ## remove what was installed and cached
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
