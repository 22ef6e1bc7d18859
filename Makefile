# make demo and make test each work alone in a fresh clone. What they build lies in .venv and build.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# The tests start some thousand interpreters: each module is to be compiled once.
unexport PYTHONDONTWRITEBYTECODE
STAMPS := $(VENV)/stamps
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -q
FUZZ_SECONDS ?= 60
JOBS := $(shell nproc 2>/dev/null || echo 2)
BENCH_FLAGS ?=
SOAK_MINUTES ?= 480
PYTEST_FLAGS ?= -rfEs --durations=10 -n $(JOBS) --dist worksteal
CLANG_FORMAT ?= $(BIN)/clang-format

PEERS := ffmpeg=ffmpeg ffprobe=ffmpeg tshark=tshark srt-live-transmit=srt-tools
TEST_PEERS := $(PEERS) chromium=chromium
BENCH_PEERS := $(PEERS) tsreport=tstools gst-launch-1.0=gstreamer1.0-tools taskset=util-linux
NATIVE := $(shell find native src/tsloom/_native -name '*.[ch]' -o -name '*.pyx' -o -name '*.pxd')
PYTHON_FILES := $(shell find src tests benchmarks docs .ci -name '*.py')
C_FILES := $(shell find native -name '*.[ch]')

.PHONY: help demo test check bench soak sanitize coverage docs clean install \
	lint lint-python lint-format lint-cython lint-c types types-source types-stubs layers

help:
	@echo "make demo      a real stream through a relay that puts a SCTE-35 break in, and the proof"
	@echo "make test      all tests"
	@echo "make check     format, lint, types, stubs, import layers"
	@echo "make coverage  line coverage of the Python layer, at least 90 %"
	@echo "make sanitize  C tests and fuzz targets under ASan and UBSan (FUZZ_SECONDS=60 each)"
	@echo "make soak      a relay for eight hours, or SOAK_MINUTES=10, with inputs that fail"
	@echo "make bench     speed beside the limit of reading the same bytes, and beside others"
	@echo "make docs      the reference and the pages, into build/docs"
	@echo "make clean     back to a fresh clone"

# -- building -----------------------------------------------------------------------------------

$(STAMPS)/venv: .ci/tools/find-python.sh
	python=$$(.ci/tools/find-python.sh) && "$$python" -m venv $(VENV)
	mkdir -p $(STAMPS) && touch $@

$(STAMPS)/build: pyproject.toml $(STAMPS)/venv .ci/tools/extra.py
	$(BIN)/python .ci/tools/extra.py build > $(STAMPS)/build.txt
	$(PIP) install -r $(STAMPS)/build.txt ninja cmake
	touch $@

$(STAMPS)/extra-%: pyproject.toml $(STAMPS)/venv .ci/tools/extra.py
	$(BIN)/python .ci/tools/extra.py $* > $(STAMPS)/$*.txt
	$(PIP) install -r $(STAMPS)/$*.txt
	touch $@

# An editable install knows the Python files by name: the list changes when one comes or goes.
$(STAMPS)/sources: FORCE | $(STAMPS)/venv
	@find src native -name '*.py' -o -name '*.pyx' -o -name '*.c' | LC_ALL=C sort > $@.new
	@cmp -s $@.new $@ || cp $@.new $@
FORCE:

$(STAMPS)/install: $(STAMPS)/build $(STAMPS)/sources $(NATIVE) CMakeLists.txt
	$(PIP) install --no-build-isolation -e .
	touch $@

install: $(STAMPS)/install

demo: install
	$(BIN)/tsloom demo

# -- tests --------------------------------------------------------------------------------------

# Tests always run measured: what the coverage target reports is the last run of all of them.
test: install $(STAMPS)/extra-test $(STAMPS)/extra-check $(STAMPS)/extra-crypto $(STAMPS)/extra-dask $(STAMPS)/extra-peers
	.ci/tools/install-programs.sh $(TEST_PEERS)
	rm -f build/coverage build/coverage.* .coverage.*
	mkdir -p build
	touch build/tested
	COVERAGE_FILE=$(CURDIR)/build/coverage $(BIN)/coverage run -m pytest $(PYTEST_FLAGS)

build/tested: $(NATIVE) $(PYTHON_FILES) pyproject.toml
	$(MAKE) test

coverage: build/tested
	if ls build/coverage.* >/dev/null 2>&1; then \
	    COVERAGE_FILE=$(CURDIR)/build/coverage $(BIN)/coverage combine -q; fi
	COVERAGE_FILE=$(CURDIR)/build/coverage $(BIN)/coverage report

check: lint types layers

# One target a tool: make -k check tells of all that is wrong.
lint: lint-python lint-format lint-cython lint-c
types: types-source types-stubs

lint-python: $(STAMPS)/extra-check
	$(BIN)/ruff check .
lint-format: $(STAMPS)/extra-check
	$(BIN)/ruff format --check .
lint-cython: $(STAMPS)/extra-check
	$(BIN)/cython-lint src
lint-c: $(STAMPS)/extra-check
	$(CLANG_FORMAT) --dry-run -Werror $(C_FILES)

types-source: install $(STAMPS)/extra-check $(STAMPS)/extra-test $(STAMPS)/extra-crypto
	$(BIN)/mypy
types-stubs: install $(STAMPS)/extra-check $(STAMPS)/extra-crypto
	$(BIN)/python -m mypy.stubtest --allowlist tests/typing/stubtest_allowlist.txt tsloom._native

layers: install $(STAMPS)/extra-check $(STAMPS)/extra-test
	$(BIN)/python -m pytest $(PYTEST_FLAGS) tests/architecture tests/typing

# -- native core --------------------------------------------------------------------------------

sanitize: $(STAMPS)/build
	FUZZ_SECONDS=$(FUZZ_SECONDS) JOBS=$(JOBS) .ci/tools/sanitize.sh

# -- hours of it --------------------------------------------------------------------------------

soak: install $(STAMPS)/extra-test
	$(BIN)/python -m tests.soak --minutes $(SOAK_MINUTES)

# -- numbers and pages --------------------------------------------------------------------------

bench: install $(STAMPS)/extra-peers
	.ci/tools/install-programs.sh $(BENCH_PEERS)
	$(BIN)/python -m benchmarks $(BENCH_FLAGS)

docs: install $(STAMPS)/extra-docs $(STAMPS)/extra-test
	$(BIN)/python docs/build.py build/docs
	$(BIN)/python -m pytest $(PYTEST_FLAGS) tests/docs

clean:
	rm -rf build dist $(VENV) .hypothesis .mypy_cache .ruff_cache .pytest_cache .benchmarks
	rm -f .coverage .coverage.*
	find src tests benchmarks .ci docs -name __pycache__ -prune -exec rm -rf {} +
