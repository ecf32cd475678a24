# Every task of a contributor. `just` alone lists them.

default:
    @just --list

# all that CI runs
check: lint test

# ruff and mypy
lint:
    uv run ruff check
    uv run ruff format --check
    uv run mypy

# the tests
test *arguments:
    uv run pytest {{ arguments }}

# mend what the linter and the formatter can
format:
    uv run ruff check --fix
    uv run ruff format

# write the pages of docs/ that are generated
docs:
    uv run python -m config.settings_page
    uv run python -m models.dictionary

# see it work on sample sites
demo:
    uv run khotin run --demo

# the scores of extraction on a corpus
quality corpus:
    uv run python benchmarks/quality.py {{ corpus }}
