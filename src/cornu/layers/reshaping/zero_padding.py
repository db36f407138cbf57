"""`ZeroPadding1D`, `ZeroPadding2D`, `ZeroPadding3D`: zeros around."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.layers.arguments import data_format_of, side_pairs
from cornu.layers.input_spec import InputSpec
from cornu.layers.layer import Layer

__all__ = ["ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"]

Pairs = Sequence[int | Sequence[int]]


class _ZeroPadding(Layer):
    """What the three share; `_pairs` says how many zeros stand before and after each axis."""

    def __init__(
        self, rank: int, padding: Any, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format_of(data_format)
        pairs = side_pairs(type(self).__name__, "padding", padding, rank)
        self.padding = pairs[0] if rank == 1 else pairs
        self.input_spec = InputSpec(ndim=rank + 2)

    def call(self, inputs: Any) -> Any:
        """Put zeros around."""
        pairs = (self.padding,) if isinstance(self.padding[0], int) else self.padding
        if self.data_format == "channels_first":
            return ops.pad(inputs, ((0, 0), (0, 0), *pairs))
        return ops.pad(inputs, ((0, 0), *pairs, (0, 0)))


class ZeroPadding1D(_ZeroPadding):
    """Zeros before and after a sequence.

    Args:
        padding: How many: an int for both ends, or a pair (before, after).
        data_format: "channels_last", (n, steps, c), or "channels_first",
            (n, c, steps). None: `config.image_data_format()`.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, steps, c) -> the same with larger sizes in the middle

    Example:
        >>> cornu.layers.ZeroPadding1D(1)(np.zeros((1, 6, 2))).shape
        (1, 8, 2)
    """

    def __init__(
        self, padding: int | tuple[int, int] = 1, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(1, padding, data_format, **kwargs)


class ZeroPadding2D(_ZeroPadding):
    """Zeros around images.

    Args:
        padding: How many: an int for all sides, two ints, or two pairs (before, after).
        data_format: "channels_last", (n, rows, columns, c), or "channels_first",
            (n, c, rows, columns). None: `config.image_data_format()`.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, h, w, c) -> the same with larger sizes in the middle

    Example:
        >>> cornu.layers.ZeroPadding2D(1)(np.zeros((1, 6, 6, 2))).shape
        (1, 8, 8, 2)
    """

    def __init__(
        self, padding: int | Pairs = (1, 1), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(2, padding, data_format, **kwargs)


class ZeroPadding3D(_ZeroPadding):
    """Zeros around volumes.

    Args:
        padding: How many: an int for all sides, three ints, or three
            pairs (before, after).
        data_format: "channels_last", (n, depth, rows, columns, c), or "channels_first",
            (n, c, depth, rows, columns). None: `config.image_data_format()`.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, d, h, w, c) -> the same with larger sizes in the middle

    Example:
        >>> cornu.layers.ZeroPadding3D(1)(np.zeros((1, 6, 6, 6, 2))).shape
        (1, 8, 8, 8, 2)
    """

    def __init__(
        self,
        padding: int | Pairs = ((1, 1), (1, 1), (1, 1)),
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(3, padding, data_format, **kwargs)
