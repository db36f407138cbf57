"""Losses that are a function of targets and predictions, with a reduction around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from cornu import saving, tree
from cornu.errors import ArgumentError
from cornu.losses.loss import Loss
from cornu.losses.reduction import same_rank
from cornu.ops.op import Tensor

__all__ = ["FunctionLoss", "LossFunctionWrapper"]


def _same_ranks(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Give targets and predictions one rank, in structures each pair by itself."""
    if not tree.is_nested(y_true):
        return (y_true, y_pred) if tree.is_nested(y_pred) else same_rank(y_true, y_pred)
    try:
        tree.assert_same_structure(y_true, y_pred)
    except (ValueError, TypeError):
        raise ArgumentError(
            "the loss",
            "targets must have the structure of the predictions",
            fix="To one output belongs one array of targets, to several a list or dict of as many.",
        ) from None
    pairs = tree.map_structure(same_rank, y_true, y_pred)
    first = tree.map_structure_up_to(y_true, lambda pair: pair[0], pairs)
    return first, tree.map_structure_up_to(y_true, lambda pair: pair[1], pairs)


class FunctionLoss(Loss):
    """Base of the built-in losses: a function with some of its arguments set.

    Args:
        fn: Function of `(y_true, y_pred, **arguments)` that gives a loss per sample.
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.
        **arguments: What is passed on to `fn`; they become attributes too.
    """

    # Arguments that configs hold, in Keras' order. Keras leaves some out, and so do we: files of
    # both must be alike.
    _in_config: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **arguments: Any,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn = fn
        self._argument_names = tuple(arguments)
        for key, value in arguments.items():
            setattr(self, key, value)

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        """Return the losses of samples; targets and predictions first get one rank."""
        y_true, y_pred = _same_ranks(y_true, y_pred)
        return self.fn(y_true, y_pred, **{k: getattr(self, k) for k in self._argument_names})

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal loss."""
        return {**super().get_config(), **{k: getattr(self, k) for k in self._in_config}}


class LossFunctionWrapper(Loss):
    """A loss made of any function.

    Args:
        fn: Function of `(y_true, y_pred, **kwargs)` that gives a loss per sample.
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.
        **kwargs: What is passed on to `fn`.

    Example:
        >>> loss = LossFunctionWrapper(lambda y_true, y_pred: y_pred - y_true, reduction="sum")
        >>> float(loss([1.0, 1.0], [2.0, 4.0]))
        4.0
    """

    _cornu_is_wrapper = True  # errors don't name the class

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn = fn
        self._fn_kwargs = kwargs

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        """Return the losses of samples; targets and predictions first get one rank."""
        y_true, y_pred = _same_ranks(y_true, y_pred)
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal loss."""
        return {
            **super().get_config(),
            "fn": saving.serialize_keras_object(self.fn),
            **saving.serialize_keras_object(self._fn_kwargs),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return the loss of a config."""
        # Not the name: that of a registered function would be taken for the function.
        plain = ("name", "reduction", "dtype")
        return cls(
            **{
                k: v if k in plain else saving.deserialize_keras_object(v)
                for k, v in config.items()
            }
        )

    def __repr__(self) -> str:
        return f"<LossFunctionWrapper({self.fn}, kwargs={self._fn_kwargs})>"
