"""The work itself: from a feed's address to an article in the warehouse."""
