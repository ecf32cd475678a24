"""Sample sites of our own, and the loopback server that serves them."""
