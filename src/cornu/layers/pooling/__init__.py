"""Maxima and means over windows, over whole images, over a given number of windows."""
