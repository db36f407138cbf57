"""`Dot`: products of two inputs summed over an axis, sample by sample; also as a function."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters
from typing import Any

from cornu import ops
from cornu.errors import ArgumentError, ArgumentTypeError, ShapeError
from cornu.graph.dim import same_dim
from cornu.layers.arguments import shape_of
from cornu.layers.merging.merge import Merge

__all__ = ["Dot", "dot"]


class Dot(Merge):
    """Sum of the products along one axis of each of two inputs, for each sample.

    Args:
        axes: The axis of both inputs, or a pair of one for each. Not the batch.
        normalize: Whether to divide by the lengths first: the results are cosines then.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: [(n, a, k), (n, k, b)] -> (n, a, b), for `axes=(2, 1)`; [(n, k), (n, k)] -> (n, 1)

    Example:
        >>> cornu.layers.Dot(axes=1)([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])])
        Array([[11.]], dtype=float32)
    """

    def __init__(self, axes: int | Sequence[int], normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(axes, (int, list, tuple)):
            raise ArgumentTypeError("Dot", "`axes` must be an int or a pair of ints", axes=axes)
        if not isinstance(axes, int) and (
            len(axes) != 2 or not all(isinstance(a, int) for a in axes)
        ):
            raise ArgumentError("Dot", "`axes` must be an int or a pair of ints", axes=axes)
        self.axes = axes
        self.normalize = normalize

    def build(self, input_shape: Any) -> None:
        """Check that there are two inputs which agree along the axes."""
        super().build(input_shape)
        self._places(*self._pair(input_shape))

    def _pair(self, items: Any) -> Any:
        if len(items) != 2:
            raise ShapeError(self.name, f"there must be two inputs, not {len(items)}")
        return items

    def _places(self, a: Any, b: Any) -> tuple[int, int]:
        """Return the two axes, not negative, for inputs of these shapes."""
        axes = (self.axes, self.axes) if isinstance(self.axes, int) else tuple(self.axes)
        places = []
        for axis, shape in zip(axes, (a, b), strict=True):
            if not -len(shape) <= axis < len(shape) or axis % len(shape) == 0:
                raise ShapeError(
                    self.name,
                    f"axis {axis} is the batch or doesn't exist",
                    shapes=f"{tuple(a)}, {tuple(b)}",
                    axes=self.axes,
                )
            places.append(axis % len(shape))
        i, j = places
        if None not in (a[i], b[j]) and not same_dim(a[i], b[j]):
            raise ShapeError(
                self.name,
                f"axis {i} of the first input must match axis {j} of the second",
                shapes=f"{tuple(a)}, {tuple(b)}",
            )
        return i, j

    def call(self, inputs: Any) -> Any:
        """Compute the sums."""
        x, y = self._pair(inputs)
        i, j = self._places(shape_of(x), shape_of(y))
        if self.normalize:
            x, y = ops.normalize(x, axis=i), ops.normalize(y, axis=j)
        batch, along, *free = list(ascii_letters)
        left = [batch, *free[: len(shape_of(x)) - 1]]
        right = [batch, *free[len(left) : len(left) + len(shape_of(y)) - 1]]
        left[i] = right[j] = along
        kept = [letter for letter in (*left, *right[1:]) if letter != along]
        result = ops.einsum(f"{''.join(left)},{''.join(right)}->{''.join(kept)}", x, y)
        return ops.expand_dims(result, -1) if len(kept) == 1 else result

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return None: the axis that had a mask may be gone."""
        return None


def dot(inputs: Sequence[Any], axes: int | Sequence[int] = -1, **kwargs: Any) -> Any:
    """Return sums of products of two inputs; see `Dot`.

    Args:
        inputs: A list of two tensors.
        axes: The axis of both, or a pair of one for each.
        **kwargs: `normalize`, and arguments of `Layer`.

    Example:
        >>> dot([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])])
        Array([[11.]], dtype=float32)
    """
    return Dot(axes=axes, **kwargs)(inputs)
