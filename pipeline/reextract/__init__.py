"""Re-extraction: today's extractor over the captures of our own archive; stopped anywhere, it goes on there."""
