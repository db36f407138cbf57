"""`Add`, `Subtract`, `Multiply`, `Average`, `Maximum`, `Minimum`, and the same as functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from cornu import ops
from cornu.errors import ShapeError
from cornu.layers.arguments import shape_of
from cornu.layers.merging.merge import Merge
from cornu.state.masks import get_mask, set_mask

__all__ = [
    "Add",
    "Average",
    "Maximum",
    "Minimum",
    "Multiply",
    "Subtract",
    "add",
    "average",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]


class Add(Merge):
    """The sum of the inputs.

    Args:
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: a list of shapes that broadcast -> their common shape

    Example:
        >>> cornu.layers.Add()([np.ones((1, 2)), np.ones((1, 2))])
        Array([[2., 2.]], dtype=float32)
    """

    def _merged(self, inputs: list[Any]) -> Any:
        return reduce(ops.add, inputs)


class Subtract(Merge):
    """The first of two inputs minus the second.

    Args:
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: two shapes that broadcast -> their common shape

    Example:
        >>> cornu.layers.Subtract()([np.array([[3.0]]), np.array([[1.0]])])
        Array([[2.]], dtype=float32)
    """

    def build(self, input_shape: Any) -> None:
        """Check that there are two inputs of one batch."""
        super().build(input_shape)
        if len(input_shape) != 2:
            raise ShapeError(self.name, f"there must be two inputs, not {len(input_shape)}")

    def _merged(self, inputs: list[Any]) -> Any:
        if len(inputs) != 2:
            raise ShapeError(self.name, f"there must be two inputs, not {len(inputs)}")
        return ops.subtract(*inputs)


class Multiply(Merge):
    """The product of the inputs. Where an input is masked it counts as one.

    Args:
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: a list of shapes that broadcast -> their common shape

    Example:
        >>> cornu.layers.Multiply()([np.array([[3.0]]), np.array([[2.0]])])
        Array([[6.]], dtype=float32)
    """

    def _merged(self, inputs: list[Any]) -> Any:
        masks = [_full_mask(x) for x in inputs]
        parts = [
            x if m is None else ops.where(m, x, ops.ones_like(x))
            for x, m in zip(inputs, masks, strict=True)
        ]
        y = reduce(ops.multiply, parts)
        if any(m is None for m in masks):
            return y
        counts = reduce(ops.logical_or, masks)
        y = ops.where(counts, y, ops.zeros_like(y))
        set_mask(y, ops.any(counts, axis=-1))
        return y


class Average(Merge):
    """The mean of the inputs.

    Args:
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: a list of shapes that broadcast -> their common shape

    Example:
        >>> cornu.layers.Average()([np.array([[3.0]]), np.array([[2.0]])])
        Array([[2.5]], dtype=float32)
    """

    def _merged(self, inputs: list[Any]) -> Any:
        return ops.divide(reduce(ops.add, inputs), len(inputs))


class Maximum(Merge):
    """The largest of the inputs, place by place. Where an input is masked the others count.

    Args:
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: a list of shapes that broadcast -> their common shape

    Example:
        >>> cornu.layers.Maximum()([np.array([[3.0]]), np.array([[2.0]])])
        Array([[3.]], dtype=float32)
    """

    def _merged(self, inputs: list[Any]) -> Any:
        return _chosen(ops.maximum, inputs)


class Minimum(Merge):
    """The smallest of the inputs, place by place. Where an input is masked the others count.

    Args:
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: a list of shapes that broadcast -> their common shape

    Example:
        >>> cornu.layers.Minimum()([np.array([[3.0]]), np.array([[2.0]])])
        Array([[2.]], dtype=float32)
    """

    def _merged(self, inputs: list[Any]) -> Any:
        return _chosen(ops.minimum, inputs)


def _full_mask(x: Any) -> Any:
    """Return the mask of a value in the value's shape, or None."""
    mask = get_mask(x)
    return None if mask is None else ops.broadcast_to(ops.expand_dims(mask, -1), shape_of(x))


def _chosen(choose: Callable[[Any, Any], Any], inputs: Sequence[Any]) -> Any:
    y, counts = inputs[0], _full_mask(inputs[0])
    for x in inputs[1:]:
        mask = _full_mask(x)
        if mask is not None:  # no number is neutral, so each stands in for the other
            x = ops.where(mask, x, y)
        if counts is not None:
            y = ops.where(counts, y, x)
        counts = None if mask is None or counts is None else ops.logical_or(counts, mask)
        y = choose(y, x)
    if counts is not None:
        set_mask(y, ops.any(counts, axis=-1))
    return y


def add(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Return the sum of the inputs; see `Add`.

    Args:
        inputs: A list of tensors.
        **kwargs: Arguments of `Layer`.

    Example:
        >>> add([np.array([[3.0]]), np.array([[2.0]])])
        Array([[5.]], dtype=float32)
    """
    return Add(**kwargs)(inputs)


def subtract(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Return the first input minus the second; see `Subtract`.

    Args:
        inputs: A list of two tensors.
        **kwargs: Arguments of `Layer`.

    Example:
        >>> subtract([np.array([[3.0]]), np.array([[2.0]])])
        Array([[1.]], dtype=float32)
    """
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Return the product of the inputs; see `Multiply`.

    Args:
        inputs: A list of tensors.
        **kwargs: Arguments of `Layer`.

    Example:
        >>> multiply([np.array([[3.0]]), np.array([[2.0]])])
        Array([[6.]], dtype=float32)
    """
    return Multiply(**kwargs)(inputs)


def average(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Return the mean of the inputs; see `Average`.

    Args:
        inputs: A list of tensors.
        **kwargs: Arguments of `Layer`.

    Example:
        >>> average([np.array([[3.0]]), np.array([[2.0]])])
        Array([[2.5]], dtype=float32)
    """
    return Average(**kwargs)(inputs)


def maximum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Return the largest of the inputs; see `Maximum`.

    Args:
        inputs: A list of tensors.
        **kwargs: Arguments of `Layer`.

    Example:
        >>> maximum([np.array([[3.0]]), np.array([[2.0]])])
        Array([[3.]], dtype=float32)
    """
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Return the smallest of the inputs; see `Minimum`.

    Args:
        inputs: A list of tensors.
        **kwargs: Arguments of `Layer`.

    Example:
        >>> minimum([np.array([[3.0]]), np.array([[2.0]])])
        Array([[2.]], dtype=float32)
    """
    return Minimum(**kwargs)(inputs)
