"""`GlobalAveragePooling1D`, `2D`, `3D`: the mean of each channel."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.layers.pooling.base_global_pooling import BaseGlobalPooling

__all__ = ["GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D"]


class GlobalAveragePooling1D(BaseGlobalPooling):
    """The mean of each channel over a sequence; masked steps don't count.

    Args:
        data_format: "channels_last", (n, steps, c), or "channels_first",
            (n, c, steps). None: `config.image_data_format()`.
        keepdims: Whether the spatial axes stay, with size one.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, steps, c) -> (n, c)

    Example:
        >>> cornu.layers.GlobalAveragePooling1D()(np.zeros((2, 6, 3))).shape
        (2, 3)
    """

    def __init__(
        self,
        data_format: str | None = None,
        keepdims: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(1, data_format, keepdims, **kwargs)
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Average over the steps that the mask keeps."""
        axes = self._axes()
        if mask is None:
            return ops.mean(inputs, axis=axes, keepdims=self.keepdims)
        kept = ops.expand_dims(ops.cast(mask, inputs.dtype), 3 - axes[0])
        total = ops.sum(ops.multiply(inputs, kept), axis=axes, keepdims=self.keepdims)
        return ops.divide(total, ops.sum(kept, axis=axes, keepdims=self.keepdims))

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """Return None: no steps are left."""


class GlobalAveragePooling2D(BaseGlobalPooling):
    """The mean of each channel over all places of an image.

    Args:
        data_format: "channels_last", (n, rows, columns, c), or "channels_first",
            (n, c, rows, columns). None: `config.image_data_format()`.
        keepdims: Whether the spatial axes stay, with size one.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, h, w, c) -> (n, c)

    Example:
        >>> cornu.layers.GlobalAveragePooling2D()(np.zeros((2, 6, 6, 3))).shape
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
        return ops.mean(inputs, axis=self._axes(), keepdims=self.keepdims)


class GlobalAveragePooling3D(BaseGlobalPooling):
    """The mean of each channel over all places of a volume.

    Args:
        data_format: "channels_last", (n, depth, rows, columns, c), or "channels_first",
            (n, c, depth, rows, columns). None: `config.image_data_format()`.
        keepdims: Whether the spatial axes stay, with size one.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, d, h, w, c) -> (n, c)

    Example:
        >>> cornu.layers.GlobalAveragePooling3D()(np.zeros((2, 6, 6, 6, 3))).shape
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
        return ops.mean(inputs, axis=self._axes(), keepdims=self.keepdims)
