# Two commands do all, from a fresh clone with nothing but Python >= 3.11:
#   make demo   train a network on real handwritten digits
#   make test   lint, types and tests
.PHONY: demo test bench clean

PYTHON ?= python3
BIN := .venv/bin

demo: .venv/installed
	$(BIN)/koubai train digits --out runs/demo --force --report

test: .venv/installed-dev
	scripts/test

bench: .venv/installed-dev
	$(BIN)/python benchmarks/training.py

.venv/installed: pyproject.toml constraints.txt scripts/setup
	PYTHON=$(PYTHON) scripts/setup

.venv/installed-dev: pyproject.toml constraints.txt scripts/setup
	PYTHON=$(PYTHON) scripts/setup dev

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis runs
