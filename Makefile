# Short names for what a developer runs often; nothing here is needed to use or to test the project.
.PHONY: setup test lint check readme bench ci

setup:
	python3 -m venv .venv
	.venv/bin/pip install -q -e ".[dev]"

test: setup
	.venv/bin/python -m pytest -n auto

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

check: setup
	.venv/bin/schemacheck check

readme: setup
	.venv/bin/python -m schemacheck.docs README.md

bench: setup
	.venv/bin/python benchmarks/run.py

ci:
	.ci/run
