"""What the rules of many primitives share: which dtypes are allowed, how shapes broadcast."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from cornu.errors import DtypeError, ShapeError
from cornu.graph.dim import Dim, DimLike, Shape, same_dim
from cornu.graph.dtypes import ALL, COMPLEX, FLOAT8, FLOATS, SIGNED, UNSIGNED, numpy_dtype
from cornu.graph.spec import Spec, same_dtype, spec_of

__all__ = [
    "ANY",
    "BITS",
    "BOOL",
    "FLOAT",
    "INTEGER",
    "NUMBER",
    "ORDERED",
    "Kind",
    "NDArray",
    "Tensor",
    "broadcast_shape",
    "check_axes",
    "check_kind",
    "constant",
    "elementwise",
    "without",
]

NDArray: TypeAlias = np.ndarray[Any, Any]

# A value of the running backend: ndarray, jax.Array, torch.Tensor, a tracer. Primitives dispatch on
# it and look at it only through `spec_of`, so there is no narrower common type.
Tensor: TypeAlias = Any


class Kind(NamedTuple):
    """A set of dtypes and the words for it in messages."""

    words: str
    names: frozenset[str]


ANY = Kind("any dtype", frozenset(ALL))
BITS = Kind("an integer dtype or bool", frozenset(("bool", *SIGNED, *UNSIGNED)))
BOOL = Kind("bool", frozenset(("bool",)))
FLOAT = Kind("a floating dtype", frozenset((*FLOATS, *FLOAT8)))
INTEGER = Kind("an integer dtype", frozenset((*SIGNED, *UNSIGNED)))
NUMBER = Kind("a number dtype, which bool is not", FLOAT.names | INTEGER.names | set(COMPLEX))
ORDERED = Kind("a real number dtype or bool", FLOAT.names | BITS.names)


def check_kind(name: str, kind: Kind, **operands: Spec) -> None:
    """Raise unless the dtypes of all operands belong to `kind`.

    Raises:
        DtypeError: If one doesn't.
    """
    for operand in operands.values():
        if operand.dtype not in kind.names:
            raise DtypeError(
                name, f"the dtype must be {kind.words}", fix="Cast it before.", **operands
            )


def broadcast_shape(name: str, *operands: Spec) -> Shape:
    """Return the shape to which NumPy broadcasts the operands.

    An unknown dimension that meets a known one other than 1 is taken to be that one.

    Raises:
        ShapeError: If two dimensions differ and neither is 1.
    """
    shape = operands[0].shape
    for operand in operands:
        if operand.shape != shape:
            break
    else:
        return shape
    rank = max(len(o.shape) for o in operands)
    result: list[DimLike] = [1] * rank
    for operand in operands:
        for axis, d in enumerate(operand.shape, rank - len(operand.shape)):
            have = result[axis]
            if d == 1:
                continue
            if have == 1:
                result[axis] = d
            elif not same_dim(have, d):
                raise ShapeError(
                    name,
                    f"the shapes don't broadcast: axis {axis - rank} has {have} and {d}",
                    fix=None,
                    **dict(zip("abcdefgh", operands, strict=False)),
                )
            elif isinstance(have, Dim):
                result[axis] = d if not isinstance(d, Dim) else have
    return tuple(result)


def elementwise(name: str, kind: Kind, result: str | None = None) -> Callable[..., Spec]:
    """Return the rule of an elementwise primitive on operands of one dtype out of `kind`.

    Args:
        name: Name of the primitive, for messages.
        kind: Dtypes that are allowed.
        result: Dtype of the result; None means that of the operands.
    """

    def rule(*operands: Spec) -> Spec:
        dtype = same_dtype(name, *operands)
        if dtype not in kind.names:
            check_kind(name, kind, **dict(zip("abcdefgh", operands, strict=False)))
        if len(operands) == 1:
            return Spec(operands[0].shape, result or dtype)
        return Spec(broadcast_shape(name, *operands), result or dtype)

    return rule


def check_axes(name: str, x: Spec, axes: Iterable[int]) -> None:
    """Raise unless the axes are different ones of `x`, counted from the front.

    Raises:
        ShapeError: If one is out of range or comes twice.
    """
    axes = tuple(axes)
    if any(not 0 <= a < x.ndim for a in axes):
        raise ShapeError(name, f"axes {axes} must lie in 0 .. {x.ndim - 1}", x=x)
    if len(set(axes)) != len(axes):
        raise ShapeError(name, f"axes {axes} must be different ones", x=x)


def without(shape: Sequence[DimLike], axes: Iterable[int]) -> Shape:
    """Return the shape that is left when the axes disappear."""
    gone = frozenset(axes)
    return tuple(d for i, d in enumerate(shape) if i not in gone)


def constant(value: float, like: Tensor) -> Tensor:
    """Return a 0-d array of the dtype of `like`, for the factors in gradients."""
    return _constant(value, spec_of(like).dtype)


@lru_cache(maxsize=512)
def _constant(value: float, dtype: str) -> NDArray:
    made = np.asarray(value, numpy_dtype(dtype))
    made.flags.writeable = False  # shared, and a trace needn't copy it
    return made
