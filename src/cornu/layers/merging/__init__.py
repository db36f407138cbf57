"""Layers that take a list of tensors and give one."""
