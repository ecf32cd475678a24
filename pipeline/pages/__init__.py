"""Pages on the web: guarded polite fetching, robots.txt and the WARC archive. Nothing here knows the database."""
