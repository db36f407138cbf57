"""Noise in training, and penalties on activations."""
