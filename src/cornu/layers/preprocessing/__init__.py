"""Layers that prepare data: scaling, encoding, images."""
