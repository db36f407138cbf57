"""Tests of the loop's surroundings: data, callbacks, progress."""
