"""Mistakes that users make, each with the whole message that it brings. Start at `case.py`."""
