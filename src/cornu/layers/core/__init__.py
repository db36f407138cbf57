"""Dense, Embedding and the other layers that look at one position at a time."""
