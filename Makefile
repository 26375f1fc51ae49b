# Everything a person types. Recipes are short; what takes thought lives in scripts and in `mvidarr`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
PRODUCT := .venv/product.stamp
DEVELOPMENT := .venv/development.stamp
LOCK := $(UV) pip compile --generate-hashes --universal --python-version 3.11 --no-emit-index-url --custom-compile-command "make lock"
SYNC := $(UV) pip sync --python $(BIN)/python --quiet --require-hashes --compile-bytecode
EDITABLE := $(UV) pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation --editable .
TYPED := fastapi_app migration_flags router tests $(wildcard benchmarks legacy_flask)

# Trust what the machine trusts: homes and offices have certificates of their own.
export UV_SYSTEM_CERTS ?= 1

# The hybrid while the migration lasts; the product alone once legacy_flask/ is gone.
export MVIDARR_APP ?= $(if $(wildcard legacy_flask/asgi.py),legacy_flask.asgi:app,fastapi_app.asgi:app)

.PHONY: help install run test test-long lint types contracts format lock bench bench-compare bench-quick bench-bridge clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(if $(wildcard $(DEVELOPMENT)),$(DEVELOPMENT),$(PRODUCT)) ## Build .venv from the hashed lock (needs Python 3.11 or newer)

run: install ## Serve at http://127.0.0.1:5000 (PORT=…, MVIDARR_DATA_DIR=…, DEMO=1 for a small library)
	@exec $(BIN)/mvidarr up $(if $(filter 1 yes true,$(DEMO)),--demo)

test: $(DEVELOPMENT) ## Lint, types, contracts, every test on real servers, coverage
	@tests/requirements.sh
	@$(MAKE) lint types contracts
	@mkdir -p build
	@$(BIN)/python -m slipcover -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not long" --ignore=tests/hybrid $(PYTEST) 2>&1 | tee build/pytest.log
	@# The hybrid is measured under load: it gets the machine for itself.
	@$(BIN)/python -m pytest -m "not long" tests/hybrid $(PYTEST) 2>&1 | tee build/pytest-hybrid.log
	@# Not --fail-under: it reads what the processes covered before the report does, and removes it (slipcover 1.1).
	@awk 'END { print; if ($$2 - $$3 < 0.9 * $$2) { print "Less than 90 % of the lines are covered."; exit 1 } }' build/coverage.txt
	@grep -hE '^=+ .*(passed|failed|error)' build/pytest.log build/pytest-hybrid.log

test-long: $(DEVELOPMENT) ## Soak, chaos, thousands of sockets, new examples, mutants
	@tests/requirements.sh
	@mkdir -p build
	@# The mutants are tried whatever the tests said.
	@failed=0; \
		$(BIN)/python -m pytest -m "long or hypothesis" $(PYTEST) 2>&1 | tee build/pytest-long.log || failed=1; \
		$(BIN)/python -m tests.mutation 2>&1 | tee build/mutation.log || failed=1; \
		echo; sed -n '/^=.* figures =/,$$p' build/pytest-long.log; tail -n 1 build/mutation.log; exit $$failed

lint: $(DEVELOPMENT) ## Rules and form of the code
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(DEVELOPMENT) ## mypy, strict, over code and tests
	@$(BIN)/mypy $(TYPED)

contracts: $(DEVELOPMENT) ## Who may import whom; that no route is added to legacy
	@$(BIN)/lint-imports
	@if [ -f legacy_flask/.importlinter ]; then $(BIN)/lint-imports --config legacy_flask/.importlinter; fi
	@if [ -f legacy_flask/.importlinter ]; then $(BIN)/strangler status --fail-on-increase > /dev/null; fi

format: $(DEVELOPMENT) ## Bring the code into form
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

lock: $(UV) ## Rewrite the four lock files
	$(LOCK) --quiet requirements-uv.in --output-file requirements-uv.txt
	@# What is tested decides the versions of what is installed.
	$(LOCK) --quiet pyproject.toml --extra legacy --extra dev --output-file requirements-dev.txt
	$(LOCK) --quiet pyproject.toml --extra legacy --constraint requirements-dev.txt --output-file requirements.txt
	$(LOCK) --quiet pyproject.toml --extra legacy --extra openfeature --extra telemetry \
		--constraint requirements-dev.txt --output-file requirements-extras.txt

bench: $(DEVELOPMENT) ## Everything, and the report, in two hours and a quarter (PARTS="list one" for some, INTO=folder to go on)
	@tests/requirements.sh
	@[ -z "$(INTO)" ] || [ -d "$(INTO)" ] || { echo "$(INTO) is no folder" >&2; exit 2; }
	@folder=$${INTO:-benchmarks/results/$$(date -u +%Y%m%dT%H%M%SZ)}; code=0; \
		$(BIN)/python -m benchmarks.bench $(PARTS) --into "$$folder" $(BENCH) || code=$$?; \
		[ ! -f "$$folder/run.json" ] || $(BIN)/python -m benchmarks.report "$$folder" --docs docs; \
		exit $$code

bench-compare: $(DEVELOPMENT) ## Whether commit B is slower than commit A (A=… B=…)
	@[ -n "$(A)" ] && [ -n "$(B)" ] || { echo "make bench-compare A=commit B=commit" >&2; exit 2; }
	@$(BIN)/python -m benchmarks.compare "$(A)" "$(B)" $(BENCH)

bench-quick: $(DEVELOPMENT) ## Five numbers per route, in under two minutes
	@$(BIN)/python -m benchmarks.quick

bench-bridge: $(DEVELOPMENT) ## The bridge and the front door beside gunicorn, a2wsgi, granian and bare FastAPI
	@$(BIN)/python -m benchmarks.strangler

clean: ## Remove what was built; the data folder stays
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

$(UV): requirements-uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "MVidarr needs Python 3.11 or newer: make install PYTHON=python3.11" >&2; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-uv.txt
	@touch $@

$(PRODUCT): requirements.txt pyproject.toml | $(UV)
	@echo "Installing MVidarr into .venv …"
	@$(SYNC) requirements.txt
	@$(EDITABLE)
	@touch $@

$(DEVELOPMENT): requirements-dev.txt pyproject.toml | $(UV)
	@echo "Installing MVidarr and what its tests need into .venv …"
	@$(SYNC) requirements-dev.txt
	@$(EDITABLE)
	@touch $@
