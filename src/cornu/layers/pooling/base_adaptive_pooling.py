"""`BaseAdaptivePooling`: a given number of windows, whatever the size of the input."""

from __future__ import annotations

from typing import Any

from cornu.layers.arguments import data_format_of, sizes
from cornu.layers.input_spec import InputSpec
from cornu.layers.layer import Layer
from cornu.layers.pooling.base_pooling import Sizes

__all__ = ["BaseAdaptivePooling"]


class BaseAdaptivePooling(Layer):
    """As many windows as asked for; subclasses say what number each gives.

    Args:
        output_size: Number of windows along each spatial axis.
        rank: Number of spatial axes.
        data_format: Where the channels stand.
        **kwargs: Arguments of `Layer`.
    """

    def __init__(
        self, output_size: Sizes, rank: int, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.output_size = sizes(type(self).__name__, "output_size", output_size, rank)
        self.data_format = data_format_of(data_format)
        self.input_spec = InputSpec(ndim=rank + 2)
