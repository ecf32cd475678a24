"""Imported by the fork server of a measured run: each page's extraction writes its CPU seconds to a file."""

import os
import time
from importlib import import_module

from pipeline import children
from pipeline.articles.article import Article, Page

FILE = "BENCHMARK_SECONDS"
"""The environment variable that names the file."""

_extract_page = children.extract_page


def extract_page(page: Page) -> Article:
    """Extract an article, and note what that cost."""
    started = time.process_time()
    article = _extract_page(page)
    _note(time.process_time() - started)
    return article


def _note(seconds: float) -> None:
    file = os.open(os.environ[FILE], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(file, f"{seconds}\n".encode())
    os.close(file)


# What is loaded for the first page is a part of extraction, wherever that is; what is imported is not.
import_module("pipeline.articles.extract")
_started = time.process_time()
import_module("pipeline.warm")
_note(time.process_time() - _started)

# A task is sent to a child by its name.
children.extract_page = extract_page
