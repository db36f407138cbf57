"""`Spec`: what is known of a value before it exists, its shape and its dtype."""

from __future__ import annotations

from typing import Any

from cornu.errors import DtypeError
from cornu.graph.dim import Shape, public_shape
from cornu.graph.dtypes import dtype_name

__all__ = ["Spec", "same_dtype", "shape_of", "spec_of"]


class Spec:
    """Shape and dtype of a value; a dimension may be a `Dim`.

    Example:
        >>> Spec((2, 3), "float32")
        float32[2, 3]
    """

    __slots__ = ("dtype", "shape")

    def __init__(self, shape: Shape, dtype: str) -> None:
        self.shape = shape
        self.dtype = dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spec) and self.shape == other.shape and self.dtype == other.dtype

    def __hash__(self) -> int:
        return hash((self.shape, self.dtype))

    def __repr__(self) -> str:
        return f"{self.dtype}[{', '.join(map(str, public_shape(self.shape)))}]"


def spec_of(x: Any) -> Spec:
    """Return the Spec of an array, tracer, KerasTensor, foreign tensor or Python scalar."""
    spec = getattr(x, "_cornu_spec", None)
    if spec is not None:
        found: Spec = spec
        return found
    if isinstance(x, bool):
        return Spec((), "bool")
    if isinstance(x, int):
        return Spec((), "int32")
    if isinstance(x, float):
        return Spec((), "float32")
    return Spec(tuple(x.shape), dtype_name(x.dtype))


def shape_of(x: Any) -> Shape:
    """Return the shape, with `Dim` for what is not known."""
    return spec_of(x).shape


def same_dtype(name: str, *operands: Spec) -> str:
    """Return the one dtype of the operands of primitive `name`.

    Raises:
        DtypeError: If they differ. Ops promote before they call a primitive.
    """
    first = operands[0].dtype
    for i, operand in enumerate(operands):
        if operand.dtype != first:
            received: dict[str, Any] = {f"operand {j}": o for j, o in enumerate(operands)}
            raise DtypeError(
                name, f"operand {i} has another dtype than operand 0; cast it before", **received
            )
    return first
