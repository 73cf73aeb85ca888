# Corridors: `make run` and `make test` are all one needs. Windows: the same steps are in the README.
.PHONY: run test bench clean
PYTHON ?= python3
IN = .venv/bin
STAMP = .venv/.installed

run: $(STAMP)
	@$(IN)/python -m etl build --if-missing
	@$(IN)/streamlit run serve.py

test: $(STAMP)
	@$(IN)/python -m pytest -q $(PYTEST)

bench: $(STAMP)
	@$(IN)/python -m bench

$(STAMP): requirements.txt
	@test -d .venv || $(PYTHON) -m venv .venv
	@$(IN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $(STAMP)

clean:
	rm -rf .venv .cache data/editions
