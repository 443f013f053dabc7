# Everything a contributor does, one word each. `make test` and `make demo` are the two commands of the README.
.PHONY: demo test lint types imports coverage bench asvs docs reference texts shots constraints

BIN = .venv/bin
INSTALL = $(BIN)/pip install -q -c constraints.txt

demo:
	python3 -m venv .venv && $(INSTALL) . && $(BIN)/housekey demo

test:
	python3 -m venv .venv && $(INSTALL) -e '.[test]' && $(BIN)/pytest

dev: .venv/dev
.venv/dev: pyproject.toml constraints.txt
	python3 -m venv .venv && $(INSTALL) -e '.[dev,bench]' && touch $@

lint: .venv/dev
	$(BIN)/ruff check && $(BIN)/ruff format --check

types: .venv/dev
	$(BIN)/mypy

imports: .venv/dev
	$(BIN)/lint-imports

# Which branches of src no test takes; fails if they are more than one in twenty.
coverage: .venv/dev
	$(BIN)/coverage erase && $(BIN)/coverage run -m pytest && $(BIN)/coverage combine -q && $(BIN)/coverage report
	$(BIN)/coverage json -q -o - | $(BIN)/python .ci/branches

bench: .venv/dev
	$(BIN)/python -m benchmarks

# A minute of 24 browsers against 4 processes of 4 threads, on each database.
load: .venv/dev
	HOUSEKEY_LOAD_SECONDS=60 $(BIN)/pytest -n0 tests/load

# Which requirements of OWASP ASVS 5 are met, and by which test.
asvs: .venv/dev
	PYTHONPATH=tests $(BIN)/python -m standards.report

# Sentences of the code into src/housekey/locale, and what is translated into compiled catalogues.
texts: .venv/dev
	$(BIN)/python docs/make_texts.py

docs: reference
	$(BIN)/zensical build --clean --strict

# docs/reference/ from the code; a test fails while a page is stale.
reference: .venv/dev
	$(BIN)/python docs/make_reference.py

# Pictures of all pages, into artefacts/.
shots: .venv/dev
	$(BIN)/pytest -m shots

# Renews the exact versions: the newest of everything that pyproject.toml allows.
constraints:
	rm -rf .venv-constraints && python3 -m venv .venv-constraints
	.venv-constraints/bin/pip install -q '.[test,dev,bench,docs]'
	(sed '/^[^#]/,$$d' constraints.txt; .venv-constraints/bin/pip freeze --exclude housekey | sort -f) > constraints.new
	mv constraints.new constraints.txt && rm -rf .venv-constraints
