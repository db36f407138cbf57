"""`Flatten`: all axes but the batch's as one."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.graph.dim import size
from cornu.layers.arguments import data_format_of, shape_of
from cornu.layers.input_spec import InputSpec
from cornu.layers.layer import Layer

__all__ = ["Flatten"]


class Flatten(Layer):
    """The values of each sample, in one row.

    Args:
        data_format: "channels_last" or "channels_first"; the row always runs channels last. None:
            `config.image_data_format()`.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, a, b, ...) -> (n, a * b * ...); (n,) -> (n, 1)

    Example:
        >>> cornu.layers.Flatten()(np.zeros((2, 3, 4))).shape
        (2, 12)
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format_of(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        """Join the axes."""
        rank = len(shape_of(inputs))
        if rank > 2 and self.data_format == "channels_first":
            inputs = ops.transpose(inputs, (0, *range(2, rank), 1))
        batch, *others = shape_of(inputs)
        return ops.reshape(inputs, (batch, size(others)))
