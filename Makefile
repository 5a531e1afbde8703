PYTHON := .venv/bin/python
# Passed on to pytest, as in: make test ARGS="-k relay -x"
ARGS ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# A python3 of 3.11 or newer that can make virtual environments, the newest that the pinned packages are known to fit first.
define find_python
fits='import sys; sys.exit(sys.version_info < (3, 11) or sys.implementation.name != "cpython")'; \
seen=; \
for python in python3.14 python3.13 python3.12 python3.11 python3; do \
    "$$python" -c "$$fits" 2>/dev/null || continue; \
    "$$python" -c 'import ensurepip, venv' 2>/dev/null && break; \
    seen=$${seen:-$$("$$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')}; \
    python=; \
done; \
"$${python:-false}" -c "$$fits" 2>/dev/null || { \
    if [ -n "$$seen" ]; then \
        echo "$$seen is here but cannot make a virtual environment. On Debian and Ubuntu: apt install $$seen-venv" >&2; \
    else \
        echo "Mailgauge needs CPython 3.11 or newer, and there is none on this machine's PATH." >&2; \
    fi; \
    exit 1; \
}
endef

.PHONY: help run test check bench soak screenshots messages clean
.DELETE_ON_ERROR:

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 18

run: .venv/run.stamp ## start Mailgauge on http://127.0.0.1:8501
	@exec $(PYTHON) streamlit_app.py

test: .venv/dev.stamp ## run every test; ARGS="-k relay" chooses
	@tests/install-system.sh
	@.venv/bin/pytest -n 4 --dist loadfile --no-loadscope-reorder $(ARGS)

check: .venv/dev.stamp ## lint, format, types, and the rules of the house
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy
	@.venv/bin/pytest -q tests/test_house.py

bench: .venv/dev.stamp ## speed and memory beside their rivals; ARGS=3 takes three rounds
	@$(PYTHON) -m tests.benchmarks $(ARGS)

soak: .venv/dev.stamp ## the long runs: a log of 10 million sends; ARGS=1000000 takes fewer
	@$(PYTHON) -m tests.benchmarks.volume $(ARGS)

screenshots: .venv/dev.stamp ## take the README's pictures anew
	@$(PYTHON) -m tests.pictures

messages: .venv/dev.stamp ## bring the sentences to translate in data/locale up to date
	@.venv/bin/pybabel -q extract -k N_ -k _ --no-location --omit-header -o .venv/mailgauge.pot core pages
	@.venv/bin/pybabel -q update -N --ignore-pot-creation-date -w 118 -l vi -i .venv/mailgauge.pot -o data/locale/vi/LC_MESSAGES/mailgauge.po
	@sed -i -E '/^"(Project-Id|Report-Msgid|POT-Creation|PO-Revision|Last-Translator|Language-Team|Generated-By)/d' \
		data/locale/vi/LC_MESSAGES/mailgauge.po

clean: ## remove what tools made; keeps data/local/
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@$(find_python); echo "Making .venv with $$python"; "$$python" -m venv --clear .venv

.venv/run.stamp: requirements.txt .venv/bin/python
	@echo "Installing the pinned packages into .venv (once, a minute or so)"
	@$(PYTHON) -m pip install --quiet -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt requirements.txt .venv/bin/python
	@echo "Installing the pinned packages for tests into .venv (once, a minute or so)"
	@$(PYTHON) -m pip install --quiet -r requirements-dev.txt
	@touch .venv/run.stamp $@
