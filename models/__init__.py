"""What is stored: tables, report views and migrations."""
