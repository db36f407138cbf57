"""`Concatenate`: tensors one after the other, and the same as a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.errors import ShapeError
from cornu.layers.arguments import shape_of
from cornu.layers.merging.merge import Merge

__all__ = ["Concatenate", "concatenate"]


class Concatenate(Merge):
    """The inputs one after the other along an axis.

    Args:
        axis: The axis.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: [(..., a), (..., b)] -> (..., a + b), for `axis=-1`

    Example:
        >>> cornu.layers.Concatenate()([np.array([[1.0]]), np.array([[2.0, 3.0]])])
        Array([[1., 2., 3.]], dtype=float32)
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def build(self, input_shape: Any) -> None:
        """Check that the inputs differ along the axis alone."""
        super().build(input_shape)
        ranks = {len(shape) for shape in input_shape}
        rank = max(ranks)
        fits = len(ranks) == 1 and -rank <= self.axis < rank
        if fits:
            others = [i for i in range(rank) if i != self.axis % rank]
            fits = all(len({s[i] for s in input_shape} - {None}) < 2 for i in others)
        if not fits:
            raise ShapeError(
                self.name,
                f"the inputs must have equal sizes along all axes but {self.axis}",
                shapes=[tuple(s) for s in input_shape],
            )

    def _merged(self, inputs: list[Any]) -> Any:
        return ops.concatenate(inputs, axis=self.axis)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the masks one after the other; an input without one counts everywhere."""
        masks = self._masks(inputs, mask)
        if masks is None:
            return None
        full = []
        for x, own in zip(inputs, masks, strict=True):
            if own is None:
                own = ops.ones_like(x, dtype="bool")
            elif len(shape_of(own)) < len(shape_of(x)):
                own = ops.logical_or(ops.expand_dims(own, -1), ops.zeros_like(x, dtype="bool"))
            full.append(own)
        return ops.any(ops.concatenate(full, axis=self.axis), axis=-1)


def concatenate(inputs: Sequence[Any], axis: int = -1, **kwargs: Any) -> Any:
    """Return the inputs one after the other along an axis; see `Concatenate`.

    Args:
        inputs: A list of tensors.
        axis: The axis.
        **kwargs: Arguments of `Layer`.

    Example:
        >>> concatenate([np.array([[1.0]]), np.array([[2.0, 3.0]])])
        Array([[1., 2., 3.]], dtype=float32)
    """
    return Concatenate(axis=axis, **kwargs)(inputs)
