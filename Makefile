# Corridors: `make run` and `make test` are all one needs. Windows: the same steps are in the README.
.PHONY: run test bench lock clean
PYTHON ?= python3
IN = .venv/bin
STAMP = .venv/.installed

run: $(STAMP)
	@$(IN)/python -m etl build --if-missing
	@$(IN)/streamlit run serve.py

test: $(STAMP)
	@$(IN)/python -m pytest -q -n auto $(PYTEST)

bench: $(STAMP)
	@$(IN)/python -m bench

$(STAMP): requirements.txt
	@test -d .venv || $(PYTHON) -m venv .venv
	@$(IN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $(STAMP)

lock: $(STAMP)  ## after a change of requirements.txt: every package with its hashes, and the bill of materials
	@$(IN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(IN)/uv pip compile requirements.txt --generate-hashes --universal --python-version 3.11 --no-annotate \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements.lock
	@$(IN)/python -m etl bill

clean:
	rm -rf .venv .cache data/editions
