"""Tests of cornu; the folders mirror the package."""
