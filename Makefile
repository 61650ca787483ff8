# Thin: every recipe is one command of the environment in .venv, which the recipes make themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export NO_MKDOCS_2_WARNING := 1

.PHONY: site serve check links offline test bench profile audit screenshots lock clean

site: $(VENV)/site.done  ## build and check the site into site/
	$(BIN)/termbook build

serve: $(VENV)/site.done  ## preview at http://127.0.0.1:8000/, rebuilt on every change
	$(BIN)/termbook serve

check: $(VENV)/site.done  ## check every YAML file and reference
	$(BIN)/termbook check

links: site  ## check every link of the built site
	$(BIN)/termbook links

offline: site  ## the site as one zip that needs no server
	$(BIN)/termbook offline

test: $(VENV)/test.done .venv-anki/done  ## every test, the browser's too
	tests/install-browser
	tests/install-pango
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2

bench: $(VENV)/test.done .venv-bench/done  ## measure against the peers
	bench/peers/hugo/install
	$(BIN)/python -m bench

profile: $(VENV)/test.done  ## tell where the time of a build goes
	$(BIN)/python -m bench.profile

audit: $(VENV)/test.done  ## have Lighthouse look at the site
	tests/install-browser
	$(BIN)/python -m bench.audit

screenshots: $(VENV)/test.done site  ## the pictures of README.md
	tests/install-browser
	$(BIN)/python -m tests.screenshots screenshots

lock:  ## renew the lock files; needs uv
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --python-version 3.11 pyproject.toml requirements-build.in -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --python-version 3.11 --extra test --extra dev pyproject.toml \
	  requirements-build.in -o requirements-test.lock
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --python-version 3.11 tests/anki/requirements.in -o tests/anki/requirements.lock
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --python-version 3.11 bench/peers/requirements.in -o bench/peers/requirements.lock

clean:  ## remove everything that was made, the environment too
	rm -rf $(VENV) .venv-anki .venv-bench .site site site-offline.zip .cache build *.egg-info

$(VENV)/site.done: requirements.lock pyproject.toml
	@echo "Installing the site's Python packages (requirements.lock) into $(VENV)/ ..."
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Termbook needs Python 3.11 or newer; set PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/test.done: requirements-test.lock $(VENV)/site.done
	@echo "Installing the tests' Python packages (requirements-test.lock) into $(VENV)/ ..."
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

# Anki is under the AGPL: the tests run it as a program of its own, and nothing of ours imports it.
.venv-anki/done: tests/anki/requirements.lock
	@echo "Installing Anki (tests/anki/requirements.lock) into .venv-anki/ for the tests ..."
	$(PYTHON) -m venv .venv-anki
	.venv-anki/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

# The bench goes on without peers that cannot be installed, and says so.
.venv-bench/done: bench/peers/requirements.lock
	@echo "Installing Sphinx and Zensical ($<) into .venv-bench/ for the bench ..."
	$(PYTHON) -m venv .venv-bench
	-.venv-bench/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r $< && touch $@
