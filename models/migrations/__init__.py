"""Alembic's scripts: append-only once landed."""
