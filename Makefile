# make demo    install detente into .venv and write the brief of the lead example
# make test    all checks and all tests, as CI runs them
# make check   style, types and layers only
# make sweep   the tests that draw fresh seeds; DETENTE_SEED=n repeats a run
# make bench   measure, and write bench/RESULTS.md
# make clean   remove everything that was made

PYTHON ?= python3
JOBS ?= 2
BIN := .venv/bin
NEEDS := pyproject.toml constraints.txt src/detente/base/version.py

# The pins hold for what builds detente too (the first name for older pip, the second for newer).
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test check sweep bench clean
.DELETE_ON_ERROR:

demo: .venv/core.stamp
	$(BIN)/detente brief korea-2019 -o korea-2019.html
	@echo "The brief is $(CURDIR)/korea-2019.html - open it in a browser."

test: check
	$(BIN)/python -m pytest -n $(JOBS)

check: .venv/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

sweep: .venv/dev.stamp
	DETENTE_HYPOTHESIS=fresh $(BIN)/python -m pytest -n $(JOBS) -m sweep

bench: .venv/dev.stamp
	$(BIN)/python -m bench

clean:
	rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist korea-2019.html
	find bench src tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

define venv
$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
endef

.venv/core.stamp: $(NEEDS)
	$(venv)
	$(BIN)/python -m pip install -q -c constraints.txt -e .
	@touch $@

.venv/dev.stamp: $(NEEDS)
	$(venv)
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev]'
	@touch .venv/core.stamp $@
