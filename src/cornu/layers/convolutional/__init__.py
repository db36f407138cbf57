"""Convolutions: plain, transposed, depthwise, separable."""
