# make demo: the whole experiment in miniature.  make test: checks and quick tests.  make help: the rest.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
# uv installs the lock file several times faster than pip, where it is on the path.
PIP_INSTALL := $(if $(shell command -v uv),uv pip install --python $(BIN)/python,$(BIN)/pip install --disable-pip-version-check)

# The programs in .venv name its absolute path. A clone that was moved is installed again.
ifneq ($(shell test ! -s $(INSTALLED) || test "$$(cat $(INSTALLED))" = "$(CURDIR)" || echo moved),)
$(info This clone was in $(shell cat $(INSTALLED)) before, so it is installed again.)
CLEAR := --clear
.PHONY: $(INSTALLED)
endif

# Written again by each call of make demo.
DEMO_BUNDLE := results/demo-bundle

.DEFAULT_GOAL := help
.PHONY: help install demo test test-all test-faults check check-style check-types docs benchmark format generated lock

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

install: $(INSTALLED) ## install tagasc and everything that it needs into .venv

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "tagasc needs Python 3.11 or newer: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(CLEAR) .venv
	$(PIP_INSTALL) --quiet -r requirements.lock
	$(PIP_INSTALL) --quiet --no-deps -e .
	@echo "$(CURDIR)" > $@

demo: install ## run all five stages and all 56 cells on synthesised recordings, in six to twenty minutes on two cores
	$(BIN)/snakemake --profile demo
	@echo
	@cat results/experiments/demo/tables/table2.md
	@echo
	@cat results/experiments/demo/conclusion.md
	@echo
	@rm -rf $(DEMO_BUNDLE)
	$(BIN)/tagasc bundle demo shared-heads4-layers3 -o $(DEMO_BUNDLE) --licence CC0
	@echo
	@echo "Everything on one page: results/experiments/demo/overview.html"
	@echo "The scene of one of its clips, as a trained network hears it:"
	@echo "  $(BIN)/tagasc predict $(DEMO_BUNDLE) data/demo-scenes/$$(sed -n '2s/	.*//p' data/demo-scenes/evaluation_setup/fold1_evaluate.csv)"

test: check ## run the checks and the quick tests, in at most four minutes on two cores
	$(BIN)/pytest -n 2 -m "not slow"

test-all: test ## run all tests: also SLURM, real recordings, faults of the network, kills
	$(BIN)/pytest -n 2 -m slow

test-faults: install ## damage files, fill disks, kill jobs and mistype keys, and count what happens, in four to six minutes on two cores
	$(BIN)/pytest -n 2 tests/faults

check: install ## check style, types, layers, the workflow and the documentation
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target check-types check-style docs

check-style:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/lint-imports
	$(BIN)/snakemake --lint

check-types:
	$(BIN)/mypy

docs: install ## build the documentation, strictly, into docs/_build
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build

benchmark: install ## time everything that has to be fast, as ratios (see benchmarks/RECORD.md); half an hour on two cores
	$(BIN)/python -m benchmarks

format: install ## let the formatters rewrite the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/snakefmt Snakefile workflow

generated: install ## print the generated files again: config.yaml, its schema, results/README.md, pages and pictures of docs
	$(BIN)/tagasc config > config.yaml
	$(BIN)/tagasc config --schema > workflow/schemas/config.schema.json
	$(BIN)/tagasc results > results/README.md
	$(BIN)/python docs/generate.py

lock: ## resolve the dependencies of pyproject.toml again (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --extra test --no-annotate --no-header \
		--output-file requirements.lock pyproject.toml
	{ echo "# The environment of the rules, printed from requirements.lock by 'make lock'."; \
	  echo "channels: [conda-forge]"; echo "dependencies:"; echo "  - python=3.11"; echo "  - pip"; echo "  - pip:"; \
	  sed "s/.*/      - &/" requirements.lock; } > envs/tagasc.yaml
