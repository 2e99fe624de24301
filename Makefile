# Everything a person does with the project. `make help` lists it.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
CYCLES ?= 1000
JOBS ?= auto
EXAMPLES ?= 200

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench soak fuzz lock clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

setup: $(VENV)/.dev-done ## Install everything for development and tests into .venv (Node for the contract tests included)

run: $(VENV)/.run-done ## Rehearse the whole campaign, then serve the API with the scheduler running
	@$(BIN)/focusweek demo --port $(PORT)

test: $(VENV)/.dev-done ## Run all tests (JOBS=4: in so many processes; those that kill processes run alone)
	@$(BIN)/pytest --numprocesses $(JOBS) --dist loadfile --ignore tests/faults --ignore tests/e2e
	@$(BIN)/pytest tests/faults tests/e2e

check: $(VENV)/.dev-done ## Lint, types, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.bench-done ## Measure everything into docs/benchmarks (QUICK=1: small sizes, to see that it runs)
	@$(BIN)/python -m tests.bench $(if $(QUICK),--quick) $(PART)

soak: $(VENV)/.dev-done ## Kill workers 1,000 times among all other faults, and try many new orders of the model
	@$(BIN)/python -m tests.faults.soak --cycles $(CYCLES) --write
	@FOCUSWEEK_MODEL_EXAMPLES=500 $(BIN)/pytest --timeout 0 tests/integration/delivery/test_delivery_model.py

fuzz: $(VENV)/.dev-done ## Make up many requests to every operation of the API (EXAMPLES=200 each)
	@FOCUSWEEK_FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/pytest tests/integration/api/test_api_schema.py

lock: ## Write the lock files anew (needs uv)
	@sh requirements/lock.sh

clean: ## Remove the virtual environment and caches; data/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name node_modules -type d -prune -exec rm -rf {} +

$(VENV)/.run-done: requirements/run.lock pyproject.toml
	@sh requirements/install.sh $(VENV) requirements/run.lock
	@touch $@

$(VENV)/.dev-done: requirements/dev.lock pyproject.toml tests/contract/setup_node.py $(wildcard tests/*/*/package-lock.json)
	@sh requirements/install.sh $(VENV) requirements/dev.lock
	@$(BIN)/python tests/contract/setup_node.py
	@touch $(VENV)/.run-done $@

$(VENV)/.bench-done: requirements/bench.lock $(VENV)/.dev-done
	@sh requirements/install.sh $(VENV) requirements/bench.lock
	@touch $@
