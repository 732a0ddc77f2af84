# Everything works in .venv/; `make demo` and `make test` need Python 3.11+ and make, nothing else.

PYTHON ?= $(shell for python in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	command -v $$python && break; done)
BIN := .venv/bin
TESTS ?= tests
# How long the long runs are: seconds of the mutation fuzzer, cases of an operation, seconds of a
# guided target, rounds of the soak; and where the guided targets begin, 0 for anywhere.
FUZZ ?= 60
CASES ?= 20
EACH ?= 20
ROUNDS ?= 20
SEED ?= 0

.PHONY: demo test check wheel hosts sdk bench bench-photos matrix fuzz faults soak clean

demo: .venv/app.ready
	$(BIN)/redraft demo

test: .venv/dev.ready
	$(BIN)/python -m pytest $(TESTS)

check: .venv/dev.ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# The suite against the built wheel, in an environment that has no checkout on its path.
wheel: .venv/dev.ready
	$(BIN)/python -m tests.wheel

# The real Krita and GIMP that the host tests drive: once per machine, as root, on Debian or Ubuntu.
hosts: .venv/dev.ready
	$(BIN)/python -m tests.hosts.build

# The providers' own clients, each pinned in an environment of its own, as peers of our emulators.
sdk: .venv/dev.ready
	$(BIN)/python -m tests.sdk.build

bench: .venv/dev.ready
	$(BIN)/python -m tests.bench

bench-photos: .venv/dev.ready
	$(BIN)/python -m tests.bench.photos

matrix: .venv/dev.ready
	$(BIN)/python -m tests.engines.matrix

fuzz: .venv/dev.ready .venv-fuzz/ready
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ)
	$(BIN)/python -m tests.fuzz.schema .venv-fuzz/bin/schemathesis $(CASES)
	$(BIN)/python -m tests.fuzz.guided .venv-fuzz/bin/python $(EACH) $(SEED)

faults: .venv/dev.ready
	$(BIN)/python -m tests.faults

soak: .venv/dev.ready
	$(BIN)/python -m tests.faults.soak --rounds $(ROUNDS)

clean:
	rm -rf .venv .venv-sdk .venv-fuzz demo dist

.venv/app.ready: .venv/pip.ready pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/dev.ready: .venv/pip.ready pyproject.toml
	$(BIN)/python -m pip install --quiet --editable ".[styles]" --group test --group check
	@touch .venv/app.ready $@

# It brings much of its own, and a plug-in for pytest that the suite shall not see.
.venv-fuzz/ready: .venv/dev.ready pyproject.toml
	$(BIN)/python -m venv --clear .venv-fuzz
	$(BIN)/python -m pip --python .venv-fuzz/bin/python install --quiet --group fuzz
	@touch $@

# Some systems ship venv without pip: then the system's own pip puts one in, else we say what to do.
.venv/pip.ready:
	@test -n "$(PYTHON)" || { echo "Redraft needs Python 3.11 or newer; install it first."; exit 1; }
	@$(PYTHON) -m venv --clear .venv >/dev/null 2>&1 || { \
		$(PYTHON) -m venv --clear --without-pip .venv && \
		$(PYTHON) -m pip --python $(BIN)/python install --quiet pip; } >/dev/null 2>&1 || { \
		rm -rf .venv; echo "This Python cannot make an environment. Type: sudo apt install python3-venv"; \
		exit 1; }
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@touch $@
