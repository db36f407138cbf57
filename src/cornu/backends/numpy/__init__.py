"""The reference backend: interprets plans with the primitives' NumPy implementations."""

REQUIRES, INSTALL = "numpy", "pip install cornu"
