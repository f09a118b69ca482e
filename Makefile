# Everything a person types at this repository. `make` alone lists it.
#
# Needs python3 (3.11 or newer) with its venv module, and make; the rest is put into .venv by `make setup`, which the
# other targets call. Paths stand relative to this file, so that the folder may have any name, with spaces too.

PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
READY  := $(VENV)/.ready
EXTRAS := dev
STORIES := ../shared/acceptance

# $(call title,TEXT): the line before a step's own output.
title = @printf '\n-- %s\n' '$(1)'
# $(call module-if-there,FILE,COMMAND LINE OF python -m): runs a part of the project that may not be there yet.
module-if-there = @if [ -f $(1) ]; then $(PY) -m $(2); else echo '$(1) is not there: nothing to run'; fi

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types tests coverage acceptance acceptance-postgres thorough campaign faults failover bench bench-scale bench-declare mutate docs docs-check constraints clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' Makefile

# -- what it does -----------------------------------------------------------------------------------------

demo: $(READY) ## see it work: a made-up practice, from the first intake to an evidence bundle
	@$(VENV)/bin/engagement-ledger demo

# -- is it right? -----------------------------------------------------------------------------------------

test: lint types docs-check tests ## every check of an ordinary day

lint: $(READY)
	$(call title,ruff)
	@$(PY) -m ruff check --quiet
	@$(PY) -m ruff format --check --quiet || { echo 'not formatted: $(PY) -m ruff format'; exit 1; }

types: $(READY)
	$(call title,mypy)
	@$(PY) -m mypy

docs-check: $(READY)
	$(call title,generated pages)
	$(call module-if-there,docs/generate.py,docs.generate --check)
	@$(PY) -m tests.agreement.shortest --check
	@$(PY) -m tests.tampering.table --check
	@$(PY) examples/build.py --check

# `-m "not campaign"` stands in pyproject.toml.
tests: $(READY)
	$(call title,tests)
	@$(PY) -m pytest -n 2

# Counting branches doubles the time of the tests, so it is not for every day. The floor is in pyproject.toml.
coverage: $(READY) ## the tests once more, counting which branches they reach
	@$(PY) -m pytest -n 2 --cov

acceptance: $(READY) ## the hand-reasoned stories, where their folder stands beside this one
	@if [ -d $(STORIES) ]; then \
	  PATH="$$PWD/$(VENV)/bin:$$PATH"; export PATH; failed=0; \
	  for stories in run_bad run_cases; do \
	    printf '\n-- %s\n' "$$stories"; \
	    $(PY) -B $(STORIES)/$$stories.py --cmd engagement-ledger || failed=1; \
	  done; \
	  exit $$failed; \
	else echo '$(STORIES) is not there: no acceptance stories to run'; fi

acceptance-postgres: $(READY) ## the same with every ledger on a PostgreSQL server: EL_POSTGRES_URL's, or a private one
	@if [ -d $(STORIES) ]; then $(PY) -m tests.postgres.acceptance $(STORIES); \
	else echo '$(STORIES) is not there: no acceptance stories to run'; fi

thorough: $(READY) ## every test, each property on five times as many examples as every day (two hours)
	@EL_THOROUGH=1 $(PY) -m pytest -m 'campaign or not campaign'

campaign: $(READY) ## the long tests that `make test` leaves out
	@$(PY) -m pytest -m campaign

faults: $(READY) ## break what a ledger stands on, hundreds of times: kills, disks, locks, servers (an hour)
	@$(PY) -m pytest tests/faults -m campaign

failover: $(READY) ## kill a PostgreSQL primary in the middle of the work, a dozen times
	@$(PY) -m pytest tests/faults/test_failover.py -m campaign

mutate: $(READY) ## break the code on purpose and count which tests notice
	$(call module-if-there,benchmarks/mutate.py,benchmarks.mutate)

bench: $(READY) ## measure: speed, size, and how they grow
	$(call module-if-there,benchmarks/__main__.py,benchmarks)

bench-scale: $(READY) ## ten thousand to a million entries on both engines, and several writers (half an hour)
	@$(PY) -m benchmarks.scale

bench-declare: $(READY) ## the same beside pm4py's Declare check (AGPL: in an environment of its own)
	@test -x .venv-peer/bin/python || { $(PYTHON) -m venv .venv-peer && .venv-peer/bin/python -m pip -q install pm4py; }
	@$(PY) -m benchmarks.declare .venv-peer/bin/python

# -- pages ------------------------------------------------------------------------------------------------

docs: $(READY) ## write the generated pages anew
	$(call module-if-there,docs/generate.py,docs.generate)
	@$(PY) -m tests.agreement.shortest
	@$(PY) -m tests.tampering.table

# -- set-up -----------------------------------------------------------------------------------------------

setup: $(READY) ## make .venv and install the project with the versions of constraints.txt
	@echo '$(VENV) is ready'

$(READY): pyproject.toml constraints.txt
	@$(call new-venv,$(VENV))
	@echo 'installing the project into $(VENV) (once; a minute or so)'
	@$(call install,$(PY),-c constraints.txt)
	@touch $@

# $(call new-venv,FOLDER): an empty virtual environment, or words that say what is missing.
define new-venv
command -v '$(PYTHON)' >/dev/null \
  || { echo 'there is no $(PYTHON): install Python 3.11 or newer, or name one: make PYTHON=...' >&2; exit 1; }; \
'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
  || { echo "Python 3.11 or newer is needed, $(PYTHON) is $$('$(PYTHON)' -V 2>&1): make PYTHON=..." >&2; exit 1; }; \
'$(PYTHON)' -c 'import ensurepip, venv' 2>/dev/null \
  || { echo '$(PYTHON) has no complete venv module; on Debian or Ubuntu: apt-get install python3-venv' >&2; exit 1; }; \
'$(PYTHON)' -m venv --clear $(1)
endef

# $(call install,PYTHON,PIP OPTIONS): the build backend first, so that it too is the pinned one.
define install
$(1) -m pip install -qq --disable-pip-version-check $(2) 'setuptools>=77' && \
$(1) -m pip install -qq --disable-pip-version-check --no-build-isolation $(2) --editable '.[$(EXTRAS)]'
endef

constraints: ## renew constraints.txt: today's versions of everything the project asks for
	@$(call new-venv,$(VENV)-fresh)
	@$(call install,$(VENV)-fresh/bin/python,)
	@{ echo '# What `make setup` installs, written by `make constraints`; do not edit.'; \
	  $(VENV)-fresh/bin/python -m pip freeze --all --exclude-editable --exclude pip; } > constraints.new
	@mv constraints.new constraints.txt
	@rm -rf $(VENV)-fresh
	@echo "constraints.txt: $$(grep -c == constraints.txt) packages"

clean: ## remove .venv and everything generated
	@rm -rf $(VENV) $(VENV)-fresh build dist *.egg-info .coverage .coverage.* \
	  .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
