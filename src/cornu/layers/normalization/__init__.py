"""Normalization by statistics of the batch, of the features, of groups, of weights."""
