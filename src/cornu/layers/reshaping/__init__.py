"""Layers that move, repeat, pad or cut values and compute nothing."""
