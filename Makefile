# Corridors: `make run` and `make test` are all one needs. Windows: the same steps are in the README.
.PHONY: run test style bench lake lock clean
PYTHON ?= python3
IN = .venv/bin
UV_VERSION = 0.13.9
# Every package in the version of the lock, with its hashes: nothing that the world publishes changes an installation.
INSTALL = $(IN)/uv pip install --quiet --python $(IN)/python --require-hashes -c requirements.lock
# What tests need: the product, the lake that a larger place may have, and the rest.
LISTS = requirements.txt deploy/lake/requirements.txt tests/requirements-test.txt
# The project itself, in place: it brings the command `corridors`.
ITSELF = $(IN)/uv pip install --quiet --python $(IN)/python --no-deps --editable .

run: .venv/.product
	@$(IN)/python -m etl build --if-missing
	@$(IN)/python -m streamlit run corridors/web/app.py

test: .venv/.tests
	@$(IN)/python -m pytest -q -n auto $(PYTEST)

style: .venv/.tests
	@$(IN)/ruff format --check .
	@$(IN)/ruff check .

bench: .venv/.tests
	@$(IN)/python -m tools.bench

# By the machine's own pip; where that has none or an old one, by one of the environment's own, which takes three seconds longer.
UV = install --quiet --disable-pip-version-check uv==$(UV_VERSION)
$(IN)/uv:
	@test -d .venv || $(PYTHON) -m venv --without-pip .venv
	@$(PYTHON) -m pip --python $(IN)/python $(UV) 2>/dev/null || { $(PYTHON) -m venv .venv && $(IN)/python -m pip $(UV); }

.venv/.product: requirements.txt requirements.lock pyproject.toml | $(IN)/uv
	@$(INSTALL) -r requirements.txt
	@$(ITSELF)
	@touch $@

lake: .venv/.product deploy/lake/requirements.txt  ## for more than one machine: see deploy/lake/README.md
	@$(INSTALL) -r deploy/lake/requirements.txt

.venv/.tests: $(LISTS) requirements.lock pyproject.toml | $(IN)/uv
	@$(INSTALL) $(LISTS:%=-r %)
	@$(ITSELF)
	@touch $@ .venv/.product

lock: | $(IN)/uv  ## after a change of requirements: every package with its hashes, and the bill of materials
	@$(IN)/uv pip compile $(LISTS) --quiet --generate-hashes --universal --python-version 3.11 \
		--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements.lock
	@$(INSTALL) $(LISTS:%=-r %)
	@$(IN)/python -m etl bill

clean:
	rm -rf .venv .cache data/editions
