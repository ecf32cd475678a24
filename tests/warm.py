"""Imported by the fork servers of the tests, once for all their children: these have then read a page before.

A child reads the languages' model and the agencies at its first page, in half a second of CPU. A run has a few
children for hundreds of pages; the tests have hundreds of children for a few pages each.
"""

from pipeline.articles.article import Page
from pipeline.articles.extract import extract
from pipeline.feeds import parse

_PAGE = b"""<!DOCTYPE html><html><head><title>The ferry sails again</title></head><body><article>
<h1>The ferry sails again</h1><time datetime="2026-03-04T09:15:00+01:00">4 March</time><p class="byline">By
<a rel="author" href="/staff">Ida Lindqvist</a></p><p>After eleven weeks in the dock the ferry crossed the lake on
Tuesday morning, and forty people stood on the pier to wave.</p><p>The captain said that the new engine is quieter
than the old one, and that the first passengers asked her whether it was running at all.</p><p>The town paid for
half of the repair; the other half came from a collection that the school had begun in autumn.</p></article></body>
</html>"""

WARMED = (parse.__name__, extract(Page(_PAGE)))
