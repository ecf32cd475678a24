"""The warehouse's hands: the only place that writes rows. Nothing here knows HTTP."""
