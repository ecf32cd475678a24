"""Articles: extraction and normalisation. Pure functions, a page in and an article out; no database, no network."""
