# Every target makes its own environment first: see .venv/ready at the end.
PY := .venv/bin/python
export PYTHONUNBUFFERED = 1

.PHONY: help demo test chaos load simulate lint bench audit check docs clean
.DEFAULT_GOAL := help

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/ready  ## Set everything up, simulate the year, run the site at 127.0.0.1:8000 (PORT=…)
	@$(PY) -m config.demo

test: .venv/ready  ## Run every test; ARGS="tests/test_clocks.py -k due" runs some
	@$(PY) -m pytest $(ARGS)

chaos: .venv/ready  ## Let faults happen to a site of its own and look what is left; ARGS="--short"
	@$(PY) -m tests.chaos $(ARGS)

simulate: .venv/ready  ## Run one simulation; ARGS="--letters 5000 --seed 2 --workers 2"
	@$(PY) manage.py simulate $(ARGS)

load: .venv/ready  ## Let people come at 1, 100 and 1,000 times the published peak; ARGS="--seconds 600"
	@$(PY) -m tests.load $(ARGS)

lint: .venv/ready  ## Check style, migrations, generated docs and compiled messages
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@$(PY) manage.py makemigrations --check --dry-run
	@$(PY) manage.py workflow_docs --check
	@$(PY) -m config.messages --check

bench: .venv/ready  ## Measure the year, the engine, sending … against floors; ARGS="--scale 1000000"
	@$(PY) manage.py bench $(ARGS)
	@if [ -z "$(ARGS)" ]; then $(PY) -m config.bench.sending; fi

audit: .venv/ready  ## Ask pip-audit for known faults of every locked package (needs a network)
	@[ -x var/audit/bin/pip-audit ] || { $(PY) -m venv var/audit && var/audit/bin/pip install --quiet pip-audit==2.10.1; }
	@var/audit/bin/python -P config/audit.py --require-hashes --disable-pip -r requirements.txt

check: lint test  ## Lint and test

docs: .venv/ready  ## Write the generated docs and compile the messages
	@$(PY) manage.py workflow_docs
	@$(PY) -m config.messages

clean:  ## Remove the environment and var/ WITH ALL ITS DATA
	@if [ -x $(PY) ]; then $(PY) -m config.services clean; fi
	rm -rf .venv var

# Made anew when a locked version changes. The first Python that is new enough is taken.
.venv/ready: requirements.txt
	@for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && found=$$python && break; \
	done; \
	if [ -z "$$found" ]; then echo "Python 3.11 or newer is needed: none found."; exit 1; fi; \
	if ! $$found -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "Python's venv is needed (Debian, Ubuntu: apt install python3-venv)."; exit 1; fi; \
	echo "Making the environment in .venv (once; about a minute) ..."; \
	$$found -m venv --clear .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@
