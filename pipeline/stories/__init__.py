"""Which articles share their words, and which of them are one story; knows no database."""
