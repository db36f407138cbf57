"""`Loss`: a number for how far predictions are from targets."""

from __future__ import annotations

from typing import Any

import numpy as np

from cornu import ops, settings, tree
from cornu.errors import (
    ArgumentError,
    ArgumentTypeError,
    NotSupportedError,
    ShapeError,
    add_context,
    source_of,
)
from cornu.graph import effects
from cornu.graph.names import auto_name
from cornu.graph.trace import current_trace
from cornu.losses.reduction import reduce_weighted, standard_reduction
from cornu.ops.op import ArrayLike, Tensor
from cornu.state import policy as dtype_policies
from cornu.state.masks import get_mask

__all__ = ["Loss"]

_COLUMNS = "Do the targets have as many columns as the last layer has units?"
_WEIGHTS = "A weight goes with each sample, or with each sample and place: no axis for the columns."
_NO_LOSS = "It must return a number for each sample, or their mean: is there a `return`?"
_NO_TARGETS = "Give `y`, or let the data bring it: batches are (x, y) or (x, y, sample_weight)."
_NUMBERS = (bool, int, float, np.generic)


def _tensors(x: Any, dtype: str) -> Any:
    """Return the arrays of a structure as tensors; lists of nothing but numbers are arrays."""
    if x is None:
        raise ArgumentError(
            "The loss needs targets and predictions, and one of them is None.", fix=_NO_TARGETS
        )
    if isinstance(x, dict):
        return {key: _tensors(value, dtype) for key, value in x.items()}
    if not tree.is_nested(x) or all(isinstance(leaf, _NUMBERS) for leaf in tree.flatten(x)):
        return ops.convert_to_tensor(x, dtype=dtype)
    return tree.map_structure(lambda leaf: ops.convert_to_tensor(leaf, dtype=dtype), x)


class Loss:
    """Base of losses; a subclass writes `call`, which gives a loss per sample.

    Args:
        name: Its name, by default that of the class.
        reduction: How the losses of samples become one number: `"sum_over_batch_size"` or
            `"mean"`, the sum divided by their number; `"sum"`; `"mean_with_sample_weight"`,
            the sum divided by that of the weights; `"none"` or None, not at all.
        dtype: A dtype or policy; what the loss computes in. None: `floatx`.

    Raises:
        ArgumentError: If there is no such reduction.

    Example:
        >>> import cornu
        >>> class Cubed(cornu.losses.Loss):
        ...     def call(self, y_true, y_pred):
        ...         return cornu.ops.mean(cornu.ops.abs(y_true - y_pred) ** 3, axis=-1)
        >>> float(Cubed()([[0.0], [0.0]], [[1.0], [2.0]]))
        4.5
    """

    _cornu_kind = "loss"  # what errors call it

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: Any = None,
    ) -> None:
        self.name = name or auto_name(type(self).__name__)
        self.reduction = standard_reduction(type(self).__name__, reduction)
        self._dtype_policy = dtype_policies.get(dtype or settings.floatx())
        self._dtype = self._dtype_policy.compute_dtype

    def __setattr__(self, name: str, value: Any) -> None:
        # A compiled step has read the attributes: it must know when one of them changes.
        if effects.current_scope() is None and current_trace() is None:
            self.__dict__["_cornu_version"] = self.__dict__.get("_cornu_version", 0) + 1
        super().__setattr__(name, value)

    @property
    def dtype(self) -> str:
        """The dtype that the loss computes in."""
        return self._dtype

    def __call__(
        self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Tensor:
        """Return the loss.

        Args:
            y_true: Targets.
            y_pred: Predictions. A mask that they carry leaves entries out.
            sample_weight: A factor for each sample, or for each sample and place.

        Returns:
            A scalar, unless the reduction is None.
        """
        mask = get_mask(y_pred)
        dtype = self.dtype
        losses = None
        try:
            losses = self.call(_tensors(y_true, dtype), _tensors(y_pred, dtype))
            if losses is None:
                raise ArgumentTypeError(self.name, "the loss returned None", fix=_NO_LOSS)
            own_mask = get_mask(losses)
            if mask is None:
                mask = own_mask
            elif own_mask is not None:
                mask = ops.logical_and(mask, own_mask)
            return reduce_weighted(losses, sample_weight, mask, self.reduction, dtype)
        except Exception as error:
            given = {"y_true": y_true, "y_pred": y_pred}
            if sample_weight is not None:
                given["sample_weight"] = sample_weight
            if isinstance(error, ShapeError) and error.fix is None:
                error.fix = _COLUMNS if losses is None else _WEIGHTS
            add_context(error, self, given, source_of(error))
            raise

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        """Return the losses of samples. Subclasses write it.

        Args:
            y_true: Targets, as tensors of the loss' dtype.
            y_pred: Predictions, likewise.
        """
        raise NotSupportedError(type(self).__name__, "a loss must define `call(y_true, y_pred)`")

    def _obj_type(self) -> str:
        return "Loss"

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal loss."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return the loss of a config."""
        return cls(**config)
