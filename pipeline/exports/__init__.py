"""Articles as files for other programs: Parquet, CSV and JSON Lines, in folders by day."""
