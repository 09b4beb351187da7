SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

BIN := .venv/bin
LOCKED := .venv/.locked
INSTALLED := .venv/.installed

# Processes that share the tests, and more arguments for pytest: make test WORKERS=4 ARGS="-k kinetics"
WORKERS ?= 2
ARGS ?=

# Another FEniCS installation's PYTHONPATH would shadow the pinned packages.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

UV := $(shell uv --version >/dev/null 2>&1 && echo uv)

.PHONY: help install figure6 explore test lint lock clean image-test cluster-test bare-test docs docs-links readme

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 20

install: $(INSTALLED) ## make .venv with the pinned packages and the command .venv/bin/fem-island

figure6: $(INSTALLED) ## compute the paper's Figure 6 and its numbers, into figure6/
	$(BIN)/fem-island figure6 --out figure6

explore: $(INSTALLED) ## show a cell in the browser and solve every change (CASE=case.toml: that of a case file)
	$(BIN)/fem-island explore $(CASE)

test: $(INSTALLED) ## run the tests
	OMP_NUM_THREADS=1 $(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

lint: $(INSTALLED) ## check style and types with ruff and mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

docs: $(INSTALLED) ## build the documentation into docs/_build/html
	OMP_NUM_THREADS=1 $(BIN)/sphinx-build -W --keep-going -n -q -b html -d docs/_build/doctrees docs docs/_build/html

readme: $(INSTALLED) ## write the tables of the README afresh, from the last runs of the benchmarks
	$(BIN)/python docs/measured.py

docs-links: $(INSTALLED) ## check the links of the documentation to other sites (needs a network)
	OMP_NUM_THREADS=1 $(BIN)/sphinx-build -q -b linkcheck -D nb_execution_mode=off -d docs/_build/links docs docs/_build/linkcheck

# Needs uv. Versions stay as they are where they can: UPGRADE=--upgrade takes the newest.
lock: ## pin the packages again, in requirements*.lock
	$(if $(UV),,$(error make lock needs uv on PATH))
	env -u UV_FIND_LINKS -u UV_INDEX -u UV_EXTRA_INDEX_URL \
	uv pip compile pyproject.toml --extra all --group dev --group docs --universal --python-version 3.12 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	    --quiet $(UPGRADE) --output-file requirements.lock
	env -u UV_FIND_LINKS -u UV_INDEX -u UV_EXTRA_INDEX_URL \
	uv pip compile pyproject.toml --extra all --group image --constraint requirements.lock --universal --python-version 3.12 \
	    --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	    --quiet --output-file requirements-image.lock

# Not part of `make test`: these need root, and Debian packages that they name. FOLDER=... keeps what they make.
image-test: ## build the container image without an engine, and try it (CONTAINER=docker: with one)
	scripts/image_test.sh $(FOLDER)

cluster-test: $(INSTALLED) ## try sweeps on several hosts and under Slurm, on this machine
	scripts/cluster_test.sh $(FOLDER)

bare-test: ## try the README's first commands on a bare Debian
	scripts/bare_test.sh $(FOLDER)

clean: ## remove .venv, caches and what was computed
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache build dist figure6 docs/_build docs/_generated docs/tutorial
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Both stamps are written last, so an interrupted step is done again, from an empty .venv.
$(LOCKED): requirements.lock
	@rm -f $@ $(INSTALLED)
	@python=$$(sh scripts/check_system.sh) && \
	echo "making .venv with $$python (1.6 GB, about a minute)" && \
	if [ -n "$(UV)" ]; then \
	    uv venv --quiet --clear --python "$$python" .venv && \
	    uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock; \
	else \
	    "$$python" -m venv --clear .venv && \
	    $(BIN)/python -m pip install --quiet --progress-bar off --no-input --disable-pip-version-check --require-hashes -r requirements.lock; \
	fi
	@touch $@

$(INSTALLED): $(LOCKED) pyproject.toml
	@rm -f $@
	@if [ -n "$(UV)" ]; then \
	    uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .; \
	else \
	    $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null; \
	    $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	fi
	@touch $@
	@echo "installed: $(BIN)/fem-island"
