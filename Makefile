# make run   sets everything up and runs the demo plant: http://127.0.0.1:8010
# make test  sets everything up, runs the tests, and checks style, types and imports beside them
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
INI    ?= scada.ini
# processes that share the tests; one more than the two cores of a small machine, since many tests wait
WORKERS ?= 3

.PHONY: run test check lint bench screenshots audit setup dev clean
.DEFAULT_GOAL := run

setup: $(VENV)/.run
dev: $(VENV)/.dev

$(VENV)/.run: setup.cfg constraints.txt tools/setup
	./tools/setup run "$(PYTHON)" "$(VENV)"
	@touch $@

$(VENV)/.dev: $(VENV)/.run tools/setup
	./tools/setup dev "$(PYTHON)" "$(VENV)"
	@touch $@

run: setup
	$(BIN)/scada run $(INI)

lint: dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --verbose

# Tests start the program dozens of times: its compiled modules are kept, whatever the environment says.
test: export PYTHONDONTWRITEBYTECODE :=
test: dev
	./tools/test $(BIN) $(WORKERS)

bench: dev
	for b in benchmarks/bench_*.py; do echo "== $$b"; $(BIN)/python $$b || exit 1; done

screenshots: dev
	$(BIN)/python tools/screenshots.py

# asks the advisory databases about every pinned package; needs the network
audit: dev
	$(BIN)/python tools/audit.py

clean:
	rm -rf $(VENV) build *.egg-info var
