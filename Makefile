# Short names for what a developer runs often; nothing here is needed to use or to test the project.
.PHONY: setup test lint check readme golden lock docs bench fuzz fuzz-led registry ci mutants

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
	SCHEMACHECK_WRITE_README=1 .venv/bin/python -m pytest tests/test_readme.py tests/test_docs.py

golden: setup
	SCHEMACHECK_WRITE_GOLDEN=1 .venv/bin/python -m pytest tests/action tests/render/test_golden.py tests/test_said.py

# What the action and the image install, and the tools that watch over it: every file by its hash.
lock: setup
	.venv/bin/pip install -q uv
	echo "setuptools>=77" | .venv/bin/uv pip compile -q --universal --generate-hashes --python-version 3.11 --upgrade \
		--no-annotate --custom-compile-command "make lock" pyproject.toml - -o .github/action/requirements.txt
	echo "cyclonedx-bom pip-audit" | tr ' ' '\n' | .venv/bin/uv pip compile -q --universal --generate-hashes --python-version 3.11 \
		--upgrade --no-annotate --custom-compile-command "make lock" - -o .ci/tools.txt

docs: setup
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict --config-file .github/docs/mkdocs.yml

# What a run costs, beside others: make bench, or make bench BENCH="--quick" or BENCH="one all/avro --json FILE".
BENCH ?=
bench: setup
	.venv/bin/python -m benchmarks $(BENCH)

# A schema registry for trying things, in memory: SERVER=axonops (needs Go) or apicurio (needs Java and Maven).
SERVER ?= axonops
PORT ?= 8081
registry: setup
	.venv/bin/python tests/registry/servers.py $(SERVER) $(PORT)

ci:
	.ci/run

# Over a million inputs, times SCALE, through every target; the record of it is build/fuzz.json.
SCALE ?= 1
fuzz: setup
	.venv/bin/python tests/fuzz/record.py --scale $(SCALE) --out build/fuzz.json > /dev/null

# The same targets, led by coverage: TARGET=avro, protobuf, json_schema, gate and so on.
TARGET ?= gate
RUNS ?= 300000
fuzz-led: setup
	.venv/bin/pip install -q atheris
	.venv/bin/python tests/fuzz/run.py $(TARGET) --runs $(RUNS)

# Every statement of the diffs, of the policy and of the event rules changed in turn: a test must notice nine of ten.
# All of them take an hour; MUTANTS="--every 9" takes a sample, MUTANTS=--again those that lived.
MUTANTS ?=
mutants: setup
	.venv/bin/pip install -q mutmut==3.8.1
	nice .venv/bin/python tests/mutants/run.py $(MUTANTS)
