"""`BasePooling`: one number for each window, channel by channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu.layers.arguments import data_format_of, one_of, sizes
from cornu.layers.input_spec import InputSpec
from cornu.layers.layer import Layer

__all__ = ["BasePooling", "Sizes"]

Sizes = int | Sequence[int]


class BasePooling(Layer):
    """Windows that move over spatial axes; subclasses say what number each gives.

    Args:
        pool_size: Size of the window.
        strides: Step of the window; the size of the window by default.
        rank: Number of spatial axes.
        padding: "valid" or "same".
        data_format: Where the channels stand.
        **kwargs: Arguments of `Layer`.
    """

    def __init__(
        self,
        pool_size: Sizes,
        strides: Sizes | None,
        rank: int,
        padding: str = "valid",
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        name = type(self).__name__
        self.pool_size = sizes(name, "pool_size", pool_size, rank)
        self.strides = sizes(name, "strides", pool_size if strides is None else strides, rank)
        self.padding = one_of(name, "padding", padding, "valid", "same")
        self.data_format = data_format_of(data_format)
        self.input_spec = InputSpec(ndim=rank + 2)
        self.built = True
