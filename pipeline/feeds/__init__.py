"""Feeds: parsing, dates, rhythm. Pure functions, bytes in and dataclasses out; nothing here knows the database."""
