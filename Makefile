# Targets of the project. `make help` lists them; all need only Python >= 3.11 (with venv) and make.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
SAM := SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam

.PHONY: help setup dev stop test check fuzz bench build openapi lock clean
help: ## show the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 18

setup: ## create the environments (.venv, .venv-ministack, .venv-sam); does nothing when nothing changed
	@$(PYTHON) infra/build/setup.py

dev: setup ## start everything on this machine, load the sample world, print the addresses
	@$(BIN)/supportmax dev up

stop: ## stop what `make dev` started; its data stays
	@if [ -x $(BIN)/supportmax ]; then $(BIN)/supportmax dev down; fi

test: setup ## run all tests (PYTEST_ARGS="-k mail" runs some)
	@$(BIN)/pytest -n auto --ignore tests/e2e $(PYTEST_ARGS) || [ $$? -eq 5 ]
	@$(BIN)/pytest tests/e2e $(PYTEST_ARGS) || [ $$? -eq 5 ] # one deployed stack, so one process; 5: none was chosen

check: setup ## lint, types, import rules, templates
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(SAM) validate --lint --template template.yaml >/dev/null && echo "template: valid"
	@.venv-sam/bin/cfn-lint -t template.yaml infra/aws/*.yaml -a cfn_lint_serverless.rules && echo "cfn-lint: clean"

fuzz: setup ## call a deployed stack in thousands of generated ways (FUZZ_ARGS="--include-path /v1/tickets")
	@$(BIN)/python -m tests.fuzz $(FUZZ_ARGS)

bench: setup ## run the benchmarks; writes docs/benchmarks.md
	@$(BIN)/python -m bench

build: setup ## build the functions and layers for AWS Lambda into .aws-sam/build
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(SAM) build

openapi: setup ## write functions/admin/openapi.json from the code (OPENAPI_ARGS=--allow-breaking)
	@$(BIN)/python -m infra.build.openapi $(OPENAPI_ARGS)

lock: setup ## resolve every requirements.in again
	@$(BIN)/python infra/build/lock.py

clean: stop ## remove everything that was made here, the data too
	rm -rf .venv .venv-bench .venv-ministack .venv-sam .aws-sam .supportmax .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis .import_linter_cache
