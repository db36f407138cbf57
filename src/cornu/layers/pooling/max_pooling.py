"""`MaxPooling1D`, `MaxPooling2D`, `MaxPooling3D`: the largest value of each window."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.layers.pooling.base_pooling import BasePooling, Sizes

__all__ = ["MaxPooling1D", "MaxPooling2D", "MaxPooling3D"]


class MaxPooling1D(BasePooling):
    """The largest value of each window of a sequence.

    Args:
        pool_size: Size of the window: an int.
        strides: Step of the window: an int. None: `pool_size`.
        padding: "valid": the window stays inside; "same": it may stand out, where nothing counts.
        data_format: "channels_last", (n, steps, c), or "channels_first",
            (n, c, steps). None: `config.image_data_format()`.
        name: Its name.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, steps, c) -> (n, new steps, c)

    Example:
        >>> cornu.layers.MaxPooling1D(2)(np.zeros((1, 6, 2))).shape
        (1, 3, 2)
    """

    def __init__(
        self,
        pool_size: Sizes = 2,
        strides: Sizes | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, 1, padding, data_format, name=name, **kwargs)

    def call(self, inputs: Any) -> Any:
        """Take the number of each window."""
        return ops.max_pool(
            inputs,
            self.pool_size,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
        )


class MaxPooling2D(BasePooling):
    """The largest value of each window of images.

    Args:
        pool_size: Size of the window: two ints, or one for both.
        strides: Step of the window: two ints, or one for both. None: `pool_size`.
        padding: "valid": the window stays inside; "same": it may stand out, where nothing counts.
        data_format: "channels_last", (n, rows, columns, c), or "channels_first",
            (n, c, rows, columns). None: `config.image_data_format()`.
        name: Its name.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, h, w, c) -> (n, h', w', c)

    Example:
        >>> cornu.layers.MaxPooling2D(2)(np.zeros((1, 6, 6, 2))).shape
        (1, 3, 3, 2)
    """

    def __init__(
        self,
        pool_size: Sizes = (2, 2),
        strides: Sizes | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, 2, padding, data_format, name=name, **kwargs)

    def call(self, inputs: Any) -> Any:
        """Take the number of each window."""
        return ops.max_pool(
            inputs,
            self.pool_size,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
        )


class MaxPooling3D(BasePooling):
    """The largest value of each window of volumes.

    Args:
        pool_size: Size of the window: three ints, or one for all.
        strides: Step of the window: three ints, or one for all. None: `pool_size`.
        padding: "valid": the window stays inside; "same": it may stand out, where nothing counts.
        data_format: "channels_last", (n, depth, rows, columns, c), or "channels_first",
            (n, c, depth, rows, columns). None: `config.image_data_format()`.
        name: Its name.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, d, h, w, c) -> (n, d', h', w', c)

    Example:
        >>> cornu.layers.MaxPooling3D(2)(np.zeros((1, 6, 6, 6, 2))).shape
        (1, 3, 3, 3, 2)
    """

    def __init__(
        self,
        pool_size: Sizes = (2, 2, 2),
        strides: Sizes | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, 3, padding, data_format, name=name, **kwargs)

    def call(self, inputs: Any) -> Any:
        """Take the number of each window."""
        return ops.max_pool(
            inputs,
            self.pool_size,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
        )
