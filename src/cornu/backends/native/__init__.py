"""The engine of its own: plans of instructions, run by the compiled core."""

REQUIRES = "cornu"  # nothing else
INSTALL = ""
