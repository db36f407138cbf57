"""`OrthogonalRegularizer`: a penalty on rows or columns that aren't perpendicular."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.errors import ArgumentError, ShapeError
from cornu.graph.spec import shape_of
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, promote_inexact
from cornu.regularizers.regularizer import Regularizer, penalty_factor, stored_factor

__all__ = ["OrthogonalRegularizer"]


class OrthogonalRegularizer(Regularizer):
    """The mean absolute cosine between two rows, or two columns, of a matrix.

    factor mean(|cos(row i, row j)|), over pairs i < j

    Args:
        factor: The factor.
        mode: "rows" or "columns".

    Raises:
        ValueError: If an argument is not one of these, or a value is no matrix.

    Example:
        >>> float(OrthogonalRegularizer(1.0)([[1.0, 0.0], [0.0, 2.0]]))
        0.0
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = stored_factor(penalty_factor("OrthogonalRegularizer", "factor", factor))
        if mode not in ("rows", "columns"):
            raise ArgumentError(
                "OrthogonalRegularizer", 'mode must be "rows" or "columns"', mode=mode
            )
        self.mode = mode

    def __call__(self, inputs: ArrayLike) -> Tensor:
        """Return the penalty of a matrix."""
        inputs = promote_inexact(inputs)
        if len(shape_of(inputs)) != 2:
            raise ShapeError("OrthogonalRegularizer", "the input must be a matrix", inputs=inputs)
        if self.mode == "columns":
            inputs = ops.transpose(inputs)
        rows = ops.normalize(inputs, axis=1)
        n = shape_of(rows)[0]
        cosines = ops.matmul(rows, ops.transpose(rows)) * (1.0 - ops.eye(n, dtype=dtype_of(rows)))
        pairs = as_tensor(n * (n - 1), dtype_of(rows))  # each is counted twice
        return ops.divide(ops.sum(ops.absolute(cosines)) * self.factor, pairs)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal regularizer."""
        return {"factor": self.factor, "mode": self.mode}
