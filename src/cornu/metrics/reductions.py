"""Sums and means over the batches of an epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from cornu import losses, ops, saving
from cornu.graph.spec import shape_of
from cornu.losses.loss import Loss
from cornu.losses.reduction import masked_weight, same_rank
from cornu.metrics.metric import Metric
from cornu.ops.op import ArrayLike, Tensor
from cornu.state.masks import get_mask

__all__ = ["FunctionMetric", "Mean", "MeanMetricWrapper", "Sum"]


def _per_sample(
    values: ArrayLike,
    sample_weight: ArrayLike | None,
    reduce: Callable[..., Tensor],
    dtype: str,
) -> tuple[Tensor, Tensor | None]:
    """Return one weighted value per sample, and one weight per sample."""
    mask = get_mask(values)
    values = ops.cast(values, dtype)
    if sample_weight is not None:
        weight = ops.convert_to_tensor(sample_weight, dtype=dtype)
        weight = masked_weight(weight, mask, dtype, "sum")
        values, weight = same_rank(values, weight)
        rank = len(weight.shape)
        if len(values.shape) > rank:
            values = reduce(values, axis=tuple(range(rank, len(values.shape))))
        weight = ops.broadcast_to(weight, shape_of(values))
        values = ops.multiply(values, weight)
        if rank > 1:
            weight = reduce(weight, axis=tuple(range(1, rank)))
        sample_weight = weight
    if len(values.shape) > 1:
        values = reduce(values, axis=tuple(range(1, len(values.shape))))
    return values, sample_weight


class Sum(Metric):
    """The weighted sum of all values.

    Args:
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> m = Sum()
        >>> m.update_state([1.0, 3.0, 5.0])
        >>> float(m.result())
        9.0
    """

    def __init__(self, name: str | None = "sum", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", name="total")

    def update_state(self, values: ArrayLike, sample_weight: ArrayLike | None = None) -> None:
        """Add values.

        Args:
            values: Any number of them.
            sample_weight: A factor for each, or for each sample (the first axis).
        """
        values, _ = _per_sample(values, sample_weight, ops.sum, self.dtype)
        self.total.assign_add(ops.sum(values))

    def reset_state(self) -> None:
        """Begin again at zero."""
        self.total.assign(0)

    def result(self) -> Tensor:
        """Return the sum so far."""
        return ops.cast(self.total, self.dtype)


class Mean(Metric):
    """The weighted mean of all values.

    Args:
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> m = Mean()
        >>> m.update_state([1.0, 3.0], sample_weight=[1.0, 0.0])
        >>> m.update_state([4.0])
        >>> float(m.result())
        2.5
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", name="total")
        self.count = self.add_variable((), "zeros", name="count")

    def update_state(self, values: ArrayLike, sample_weight: ArrayLike | None = None) -> None:
        """Take values in.

        Args:
            values: Any number of them; those of one sample (the first axis) count as their mean.
            sample_weight: A weight for each, or for each sample.
        """
        values, weight = _per_sample(values, sample_weight, ops.mean, self.dtype)
        self.total.assign_add(ops.sum(values))
        if weight is not None:
            count = ops.sum(weight)
        else:
            count = shape_of(values)[0] if len(values.shape) else 1
        self.count.assign_add(ops.cast(count, self.dtype))

    def reset_state(self) -> None:
        """Begin again with no values."""
        self.total.assign(0)
        self.count.assign(0)

    def result(self) -> Tensor:
        """Return the mean so far; zero if there were no values."""
        return ops.divide_no_nan(self.total, self.count)


class MeanMetricWrapper(Mean):
    """The mean of what a function says of targets and predictions.

    Args:
        fn: Function of `(y_true, y_pred, **kwargs)` that gives a value per sample.
        name: Its name.
        dtype: See `Metric`.
        **kwargs: What is passed on to `fn`.

    Example:
        >>> import cornu
        >>> m = MeanMetricWrapper(cornu.losses.mean_squared_error, name="error")
        >>> m.update_state([[0.0], [1.0]], [[2.0], [1.0]])
        >>> float(m.result())
        2.0
    """

    _cornu_is_wrapper = True  # errors don't name the class

    def __init__(
        self,
        fn: Callable[..., Any],
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._fn = fn
        self._fn_kwargs = kwargs
        if isinstance(fn, Loss) or fn is getattr(losses, getattr(fn, "__name__", ""), None):
            self._direction = "down"  # which way is better, for callbacks

    def update_state(  # type: ignore[override]  # the API's own signature
        self, y_true: Any, y_pred: Any, sample_weight: ArrayLike | None = None
    ) -> None:
        """Take a batch in.

        Args:
            y_true: Targets.
            y_pred: Predictions. A mask that they carry leaves entries out.
            sample_weight: A weight for each sample, or for each sample and place.
        """
        mask = get_mask(y_pred)
        values = self._fn(y_true, y_pred, **self._fn_kwargs)
        weight = masked_weight(sample_weight, mask, self.dtype, "sum")
        super().update_state(values, sample_weight=weight)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return {
            **super().get_config(),
            "fn": saving.serialize_keras_object(self._fn),
            **saving.serialize_keras_object(dict(self._fn_kwargs)),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return the metric of a config."""
        if "fn" not in config:
            return cls(**config)
        # Not the name: that of a registered function would be taken for the function.
        plain = ("name", "dtype")
        return cls(
            **{
                k: v if k in plain else saving.deserialize_keras_object(v)
                for k, v in config.items()
            }
        )


class FunctionMetric(MeanMetricWrapper):
    """Base of the built-in means: a function with some of its arguments set.

    Args:
        fn: Function of `(y_true, y_pred, **arguments)` that gives a value per sample.
        name: Its name.
        dtype: See `Metric`.
        direction: `"up"` if more is better, `"down"` if less is; None if the function says it.
        **arguments: What is passed on to `fn`; they become attributes too.
    """

    # Arguments that configs hold, in Keras' order. Keras leaves some out, and so do we: files of
    # both must be alike.
    _in_config: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        fn: Callable[..., Any],
        name: str | None = None,
        dtype: Any = None,
        direction: str | None = None,
        **arguments: Any,
    ) -> None:
        super().__init__(fn, name=name, dtype=dtype, **arguments)
        if direction is not None:
            self._direction = direction
        for key, value in arguments.items():
            setattr(self, key, value)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return {**Metric.get_config(self), **{k: getattr(self, k) for k in self._in_config}}
