"""`Cropping1D`, `Cropping2D`, `Cropping3D`: without the borders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu.errors import ShapeError
from cornu.layers.arguments import data_format_of, side_pairs
from cornu.layers.input_spec import InputSpec
from cornu.layers.layer import Layer

__all__ = ["Cropping1D", "Cropping2D", "Cropping3D"]

Pairs = Sequence[int | Sequence[int]]


class _Cropping(Layer):
    """What the three share: `cropping` says how much goes before and after each axis."""

    def __init__(self, rank: int, cropping: Any, first: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        pairs = side_pairs(type(self).__name__, "cropping", cropping, rank)
        self.cropping = pairs[0] if rank == 1 else pairs
        self._before = 2 if first else 1  # axes before the spatial ones
        self.input_spec = InputSpec(ndim=rank + 2)

    def call(self, inputs: Any) -> Any:
        """Cut off the borders."""
        pairs = (self.cropping,) if isinstance(self.cropping[0], int) else self.cropping
        index = [slice(None)] * self._before
        for axis, (low, high) in enumerate(pairs, self._before):
            size = inputs.shape[axis]
            if isinstance(size, int) and low + high >= size:
                raise ShapeError(
                    self.name,
                    f"cutting {low} + {high} off axis {axis} leaves nothing",
                    cropping=self.cropping,
                    inputs=inputs,
                )
            index.append(slice(low, -high if high else None))
        return inputs[tuple(index)]


class Cropping1D(_Cropping):
    """A sequence without its ends.

    Args:
        cropping: How much: an int for both ends, or a pair (before, after).
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, steps, c) -> (n, steps - before - after, c)

    Example:
        >>> cornu.layers.Cropping1D(1)(np.zeros((1, 6, 2))).shape
        (1, 4, 2)
    """

    def __init__(self, cropping: int | tuple[int, int] = (1, 1), **kwargs: Any) -> None:
        super().__init__(1, cropping, False, **kwargs)


class Cropping2D(_Cropping):
    """Images without their borders.

    Args:
        cropping: How much: an int for all sides, two ints, or two pairs (before, after).
        data_format: "channels_last", (n, rows, columns, c), or "channels_first",
            (n, c, rows, columns). None: `config.image_data_format()`.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, h, w, c) -> the same with smaller sizes in the middle

    Example:
        >>> cornu.layers.Cropping2D(1)(np.zeros((1, 6, 6, 2))).shape
        (1, 4, 4, 2)
    """

    def __init__(
        self,
        cropping: int | Pairs = ((0, 0), (0, 0)),
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        data_format = data_format_of(data_format)
        super().__init__(2, cropping, data_format == "channels_first", **kwargs)
        self.data_format = data_format


class Cropping3D(_Cropping):
    """Volumes without their borders.

    Args:
        cropping: How much: an int for all sides, three ints, or three
            pairs (before, after).
        data_format: "channels_last", (n, depth, rows, columns, c), or "channels_first",
            (n, c, depth, rows, columns). None: `config.image_data_format()`.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, d, h, w, c) -> the same with smaller sizes in the middle

    Example:
        >>> cornu.layers.Cropping3D(1)(np.zeros((1, 6, 6, 6, 2))).shape
        (1, 4, 4, 4, 2)
    """

    def __init__(
        self,
        cropping: int | Pairs = ((1, 1), (1, 1), (1, 1)),
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        data_format = data_format_of(data_format)
        super().__init__(3, cropping, data_format == "channels_first", **kwargs)
        self.data_format = data_format
