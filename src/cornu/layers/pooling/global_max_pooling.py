"""`GlobalMaxPooling1D`, `2D`, `3D`: the largest value of each channel."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.layers.pooling.base_global_pooling import BaseGlobalPooling

__all__ = ["GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D"]


class GlobalMaxPooling1D(BaseGlobalPooling):
    """The largest value of each channel over a sequence.

    Args:
        data_format: "channels_last", (n, steps, c), or "channels_first",
            (n, c, steps). None: `config.image_data_format()`.
        keepdims: Whether the spatial axes stay, with size one.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, steps, c) -> (n, c)

    Example:
        >>> cornu.layers.GlobalMaxPooling1D()(np.zeros((2, 6, 3))).shape
        (2, 3)
    """

    def __init__(
        self,
        data_format: str | None = None,
        keepdims: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(1, data_format, keepdims, **kwargs)

    def call(self, inputs: Any) -> Any:
        """Take the number of each channel."""
        return ops.max(inputs, axis=self._axes(), keepdims=self.keepdims)


class GlobalMaxPooling2D(BaseGlobalPooling):
    """The largest value of each channel over all places of an image.

    Args:
        data_format: "channels_last", (n, rows, columns, c), or "channels_first",
            (n, c, rows, columns). None: `config.image_data_format()`.
        keepdims: Whether the spatial axes stay, with size one.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, h, w, c) -> (n, c)

    Example:
        >>> cornu.layers.GlobalMaxPooling2D()(np.zeros((2, 6, 6, 3))).shape
        (2, 3)
    """

    def __init__(
        self,
        data_format: str | None = None,
        keepdims: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(2, data_format, keepdims, **kwargs)

    def call(self, inputs: Any) -> Any:
        """Take the number of each channel."""
        return ops.max(inputs, axis=self._axes(), keepdims=self.keepdims)


class GlobalMaxPooling3D(BaseGlobalPooling):
    """The largest value of each channel over all places of a volume.

    Args:
        data_format: "channels_last", (n, depth, rows, columns, c), or "channels_first",
            (n, c, depth, rows, columns). None: `config.image_data_format()`.
        keepdims: Whether the spatial axes stay, with size one.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, d, h, w, c) -> (n, c)

    Example:
        >>> cornu.layers.GlobalMaxPooling3D()(np.zeros((2, 6, 6, 6, 3))).shape
        (2, 3)
    """

    def __init__(
        self,
        data_format: str | None = None,
        keepdims: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(3, data_format, keepdims, **kwargs)

    def call(self, inputs: Any) -> Any:
        """Take the number of each channel."""
        return ops.max(inputs, axis=self._axes(), keepdims=self.keepdims)
