# make run       install, start the site     PORT=8502 make run
# make test      install what tests need, check everything
# make test-all  the same, the tests marked long, and the engine's under other instruction sets
# make colours   bring everything in step with kvfront/shared/colors.js
# make docs      build the documentation for authors into docs/_build/html

PORT ?= 8501
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# One retry: where PyTorch's index cannot be reached, pip asks it in vain for every package.
PIP := $(BIN)/python -m pip --disable-pip-version-check --retries 1

# What the tests take from npm; git ignores it. The second is large, and for test-all alone.
NODE := tests/kvembed/node
TOOLS := tests/kvembed/tools

.PHONY: run test test-all messages colours browser node tools docs

run: $(VENV)/installed
	@echo "The site: http://localhost:$(PORT)"
	$(BIN)/streamlit run app.py --server.port $(PORT)

test: $(VENV)/installed-dev browser node
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict kvcore kvembed
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

# Before a change is called done: what a run of 15 minutes has no room for. Of these two, one that
# fails does not keep the other from being run.
test-all: test tools
	@failed=0; \
	$(BIN)/python -m pytest -n 2 --dist loadfile -m long $(ARGS) || failed=1; \
	$(BIN)/python tests/instruction_sets.py -n 2 --dist loadfile $(ARGS) || failed=1; \
	exit $$failed

# For a site elsewhere: KVEMBED_SERVER=https://kv.example.org make docs
docs: $(VENV)/installed-dev
	$(BIN)/python docs/build.py
	@echo "The documentation: docs/_build/html/index.html"

# Bring the catalogues in step with the source, and say what is left to translate.
messages: $(VENV)/installed
	$(BIN)/python -m ui.language.catalogue

# Write the colours of kvfront/shared/colors.js into what cannot read them, and say what changed.
colours: $(VENV)/installed
	$(BIN)/python -m ui.colour_files

$(VENV)/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "This needs Python 3.11 or newer: PYTHON=/path/to/python3.11 make"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install -r requirements.txt
	touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.txt
	$(PIP) install -r requirements-dev.txt
	touch $@

# The browsers that the tests drive: installed where that is allowed, else those that are there.
browser:
	@missing=; for each in chromium firefox-esr WebKitWebDriver Xvfb pdftotext; do \
		command -v $$each >/dev/null || missing=1; done; \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
			chromium firefox-esr webkit2gtk-driver xvfb poppler-utils fonts-noto-cjk; \
	else echo "No right to install browsers: tests in those that are not here are skipped."; fi

# The documentation tools that run on Node: likewise.
node:
	@if command -v npm >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq nodejs npm; \
	else echo "No npm here, and no right to install it: tests of MyST and MDX are skipped."; fi
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(NODE)/node_modules; fi

tools: node
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(TOOLS)/node_modules; fi

%/node_modules: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund --ignore-scripts
	touch $@
