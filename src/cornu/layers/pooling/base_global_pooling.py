"""`BaseGlobalPooling`: one number for each channel."""

from __future__ import annotations

from typing import Any

from cornu.layers.arguments import data_format_of
from cornu.layers.input_spec import InputSpec
from cornu.layers.layer import Layer

__all__ = ["BaseGlobalPooling"]


class BaseGlobalPooling(Layer):
    """All places at once; subclasses say what number they give.

    Args:
        rank: Number of spatial axes.
        data_format: Where the channels stand.
        keepdims: Whether the spatial axes stay, with size one.
        **kwargs: Arguments of `Layer`.
    """

    def __init__(
        self, rank: int, data_format: str | None = None, keepdims: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format_of(data_format)
        self.keepdims = keepdims
        self.input_spec = InputSpec(ndim=rank + 2)
        self.built = True

    def _axes(self) -> tuple[int, ...]:
        """Return the spatial axes."""
        rank = self.input_spec.ndim
        return tuple(range(1, rank - 1) if self.data_format == "channels_last" else range(2, rank))
