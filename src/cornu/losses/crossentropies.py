"""Losses of classification: cross-entropies and their relatives."""

from __future__ import annotations

import warnings
from typing import Any

from cornu import ops, settings
from cornu.errors import ArgumentError, ShapeError
from cornu.graph.spec import shape_of
from cornu.losses.function_loss import FunctionLoss
from cornu.ops.op import ArrayLike, Tensor
from cornu.state.masks import set_mask

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "SparseCategoricalCrossentropy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "categorical_generalized_cross_entropy",
    "sparse_categorical_crossentropy",
]


def binary_crossentropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Compute the mean cross-entropy of yes-no decisions.

    -mean(y_true log(p) + (1 - y_true) log(1 - p), axis)

    Args:
        y_true: Labels from 0 to 1.
        y_pred: Probabilities p, or logits if `from_logits`.
        from_logits: Whether p is `sigmoid(y_pred)`.
        label_smoothing: How far labels are moved towards 1/2, from 0 to 1.
        axis: Axis of the mean.

    Shapes:
        (..., d), (..., d) -> (...), for `axis=-1`

    Raises:
        ShapeError: If the shapes differ.

    Example:
        >>> binary_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
        Array([0.6931472], dtype=float32)
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = smoothed_bits(ops.cast(y_true, ops.dtype(y_pred)), label_smoothing)
    return ops.mean(ops.binary_crossentropy(y_true, y_pred, from_logits=from_logits), axis=axis)


def categorical_crossentropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Compute the cross-entropy of distributions over classes.

    -sum(y_true log(p), axis), where p is `y_pred`, made to sum to one

    Args:
        y_true: Distributions, such as rows of `one_hot`.
        y_pred: Probabilities, or logits if `from_logits`.
        from_logits: Whether p is `softmax(y_pred)`.
        label_smoothing: How far labels are moved towards equal probabilities, from 0 to 1.
        axis: Axis of the classes.

    Shapes:
        (..., c), (..., c) -> (...), for `axis=-1`

    Raises:
        ShapeError: If the shapes differ.

    Example:
        >>> categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
        Array([0.6931472], dtype=float32)
    """
    y_true, y_pred = one_hot_labels(
        "categorical_crossentropy", y_true, y_pred, label_smoothing, axis
    )
    return ops.categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)


def sparse_categorical_crossentropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Tensor:
    """Compute minus the logarithm of the probability of the right class.

    -log(p[y_true]), where p is `y_pred`, made to sum to one

    Args:
        y_true: Class numbers from 0 to c - 1.
        y_pred: Probabilities, or logits if `from_logits`.
        from_logits: Whether p is `softmax(y_pred)`.
        ignore_class: Class whose entries give zero and are masked, such as -1 or 255; may be out
            of range.
        axis: Axis of the classes.

    Shapes:
        (...) or (..., 1), (..., c) -> (...), for `axis=-1`

    Raises:
        ShapeError: If the shapes don't go together.
        IndexError: While running, if a class number is out of range.

    Example:
        >>> sparse_categorical_crossentropy([1, 0], [[0.5, 0.5], [1.0, 0.0]], ignore_class=0)
        Array([0.6931472, 0.       ], dtype=float32)
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    rank = len(y_pred.shape)
    if len(y_true.shape) == rank and shape_of(y_true)[axis] == 1:
        y_true = ops.squeeze(y_true, axis=axis)
    if ignore_class is None:
        return ops.sparse_categorical_crossentropy(
            y_true, y_pred, from_logits=from_logits, axis=axis
        )
    valid = ops.not_equal(y_true, ignore_class)
    y_true = ops.where(valid, y_true, 0)
    y_pred = ops.where(ops.expand_dims(valid, axis), y_pred, 0)
    losses = ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)
    losses = ops.where(valid, losses, 0.0)
    set_mask(losses, valid)
    return losses


def categorical_generalized_cross_entropy(y_true: ArrayLike, y_pred: ArrayLike, q: float) -> Tensor:
    """Compute a loss between the cross-entropy (small q) and the absolute error (q = 1).

    (1 - p[y_true]**q) / q

    Args:
        y_true: Class numbers.
        y_pred: Probabilities p.
        q: How little wrong labels matter, between 0 and 1.

    Shapes:
        (...), (..., c) -> (...)

    References:
        Zhang and Sabuncu 2018, "Generalized cross entropy loss for training deep neural networks
        with noisy labels", arXiv:1805.07836.

    Example:
        >>> categorical_generalized_cross_entropy([1], [[0.75, 0.25]], q=0.5).tolist()
        [1.0]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    count = shape_of(y_pred)[-1]
    if not isinstance(count, int):
        raise ShapeError(
            "categorical_generalized_cross_entropy",
            "the number of classes must be known",
            y_pred=y_pred,
        )
    classes = ops.one_hot(ops.cast(y_true, "int32"), count, dtype=ops.dtype(y_pred))
    p = ops.sum(ops.multiply(y_pred, classes), axis=-1)
    return ops.divide(ops.subtract(1.0, ops.power(p, q)), q)


def smoothed_bits(y_true: Tensor, label_smoothing: float) -> Tensor:
    """Move yes-no labels towards 1/2."""
    if not label_smoothing:
        return y_true
    return ops.add(ops.multiply(y_true, 1.0 - label_smoothing), 0.5 * label_smoothing)


def one_hot_labels(
    where: str, y_true: ArrayLike, y_pred: ArrayLike, label_smoothing: float, axis: int
) -> tuple[Tensor, Tensor]:
    """Return distributions, smoothed, and predictions as tensors of one dtype."""
    if isinstance(axis, bool):
        raise ArgumentError(where, "`axis` must be an integer", axis=axis)
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, ops.dtype(y_pred))
    if y_pred.shape[-1] == 1:
        warnings.warn(
            f"{where}: predictions for one class are always right. For two classes use "
            f"binary_crossentropy, or two outputs. Received y_pred of shape {y_pred.shape}.",
            SyntaxWarning,
            stacklevel=3,
        )
    if label_smoothing:
        share = ops.divide(label_smoothing, ops.cast(shape_of(y_true)[-1], ops.dtype(y_pred)))
        y_true = ops.add(ops.multiply(y_true, 1.0 - label_smoothing), share)
    return y_true, y_pred


def log_bounded(p: Tensor) -> tuple[Tensor, Tensor]:
    """Return probabilities kept away from 0 and 1 by epsilon, and their logarithms."""
    p = ops.clip(p, settings.epsilon(), 1.0 - settings.epsilon())
    return p, ops.log(p)


class BinaryCrossentropy(FunctionLoss):
    """The mean cross-entropy of yes-no decisions; see `binary_crossentropy`.

    Args:
        from_logits: Whether predictions are logits, not probabilities.
        label_smoothing: How far labels are moved towards 1/2, from 0 to 1.
        axis: Axis of the mean.
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> round(float(BinaryCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.6931
    """

    _in_config = ("from_logits", "label_smoothing", "axis")

    from_logits: bool
    label_smoothing: float
    axis: int

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            binary_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class CategoricalCrossentropy(FunctionLoss):
    """The cross-entropy of distributions over classes; see `categorical_crossentropy`.

    Args:
        from_logits: Whether predictions are logits, not probabilities.
        label_smoothing: How far labels are moved towards equal probabilities, from 0 to 1.
        axis: Axis of the classes.
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> round(float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.6931
    """

    _in_config = ("from_logits", "label_smoothing", "axis")

    from_logits: bool
    label_smoothing: float
    axis: int

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class SparseCategoricalCrossentropy(FunctionLoss):
    """Minus the logarithm of the right class' probability; see `sparse_categorical_crossentropy`.

    Args:
        from_logits: Whether predictions are logits, not probabilities.
        ignore_class: Class whose entries don't count.
        reduction: See `Loss`.
        axis: Axis of the classes. Configs don't hold it, as in Keras.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> round(float(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 4)
        0.6931
    """

    _in_config = ("from_logits", "ignore_class")

    from_logits: bool
    ignore_class: int | None
    axis: int

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )


class CategoricalGeneralizedCrossEntropy(FunctionLoss):
    """A loss that bears wrong labels; see `categorical_generalized_cross_entropy`.

    Args:
        q: How little wrong labels matter, between 0 and 1.
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Raises:
        ArgumentError: If q isn't between 0 and 1.

    Example:
        >>> float(CategoricalGeneralizedCrossEntropy()([1], [[0.75, 0.25]]))
        1.0
    """

    _in_config = ("q",)

    q: float

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ) -> None:
        if not 0 < q < 1:
            raise ArgumentError(
                "CategoricalGeneralizedCrossEntropy", "q must be between 0 and 1", q=q
            )
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)
