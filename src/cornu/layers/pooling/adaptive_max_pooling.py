"""`AdaptiveMaxPooling1D`, `2D`, `3D`: the largest values of a given number of windows."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.layers.pooling.base_adaptive_pooling import BaseAdaptivePooling
from cornu.layers.pooling.base_pooling import Sizes

__all__ = ["AdaptiveMaxPooling1D", "AdaptiveMaxPooling2D", "AdaptiveMaxPooling3D"]


class AdaptiveMaxPooling1D(BaseAdaptivePooling):
    """The largest values of a given number of windows over a sequence.

    Args:
        output_size: Number of windows: an int.
        data_format: "channels_last", (n, steps, c), or "channels_first",
            (n, c, steps). None: `config.image_data_format()`.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, steps, c) -> (n, output_size, c)

    Example:
        >>> cornu.layers.AdaptiveMaxPooling1D(2)(np.zeros((1, 7, 3))).shape
        (1, 2, 3)
    """

    def __init__(
        self,
        output_size: Sizes,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(output_size, 1, data_format, **kwargs)

    def call(self, inputs: Any) -> Any:
        """Take the number of each window."""
        return ops.adaptive_max_pool(inputs, self.output_size, data_format=self.data_format)


class AdaptiveMaxPooling2D(BaseAdaptivePooling):
    """The largest values of a given number of windows over images.

    Args:
        output_size: Number of windows: two ints, or one for both.
        data_format: "channels_last", (n, rows, columns, c), or "channels_first",
            (n, c, rows, columns). None: `config.image_data_format()`.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, h, w, c) -> (n, *output_size, c)

    Example:
        >>> cornu.layers.AdaptiveMaxPooling2D(2)(np.zeros((1, 7, 7, 3))).shape
        (1, 2, 2, 3)
    """

    def __init__(
        self,
        output_size: Sizes,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(output_size, 2, data_format, **kwargs)

    def call(self, inputs: Any) -> Any:
        """Take the number of each window."""
        return ops.adaptive_max_pool(inputs, self.output_size, data_format=self.data_format)


class AdaptiveMaxPooling3D(BaseAdaptivePooling):
    """The largest values of a given number of windows over volumes.

    Args:
        output_size: Number of windows: three ints, or one for all.
        data_format: "channels_last", (n, depth, rows, columns, c), or "channels_first",
            (n, c, depth, rows, columns). None: `config.image_data_format()`.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, d, h, w, c) -> (n, *output_size, c)

    Example:
        >>> cornu.layers.AdaptiveMaxPooling3D(2)(np.zeros((1, 7, 7, 7, 3))).shape
        (1, 2, 2, 2, 3)
    """

    def __init__(
        self,
        output_size: Sizes,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(output_size, 3, data_format, **kwargs)

    def call(self, inputs: Any) -> Any:
        """Take the number of each window."""
        return ops.adaptive_max_pool(inputs, self.output_size, data_format=self.data_format)
