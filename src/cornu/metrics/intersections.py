"""Intersection over union: how well the areas of classes overlap."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from cornu import ops, settings
from cornu.errors import ArgumentError
from cornu.graph.dtypes import is_float, is_integer
from cornu.graph.spec import shape_of
from cornu.metrics.metric import Metric
from cornu.ops.op import ArrayLike, Tensor

__all__ = ["BinaryIoU", "IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"]


class IoU(Metric):
    """The mean of intersection over union for some classes, by a confusion matrix.

    true positives / (true positives + false positives + false negatives), for each class

    Args:
        num_classes: The number of classes.
        target_class_ids: Classes that the mean is over.
        name: Its name.
        dtype: Dtype of the matrix; None: int32, which weights are rounded down to.
        ignore_class: Class whose entries don't count, such as -1 or 255.
        sparse_y_true: Whether targets are class numbers, not rows of `one_hot`.
        sparse_y_pred: Whether predictions are class numbers, not rows of probabilities.
        axis: Axis of those rows.

    Raises:
        ArgumentError: If a target class is out of range.

    Example:
        >>> m = IoU(num_classes=2, target_class_ids=[0])
        >>> m.update_state([0, 0, 1, 1], [0, 1, 0, 1])
        >>> round(float(m.result()), 4)
        0.3333
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(name=name, dtype=dtype or "int32")
        self._direction = "up"
        if max(target_class_ids) >= num_classes:
            raise ArgumentError(
                type(self).__name__,
                f"target_class_ids must be less than num_classes, {num_classes}",
                target_class_ids=list(target_class_ids),
            )
        self.num_classes = num_classes
        self.target_class_ids = list(target_class_ids)
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        self.total_cm = self.add_variable(
            (num_classes, num_classes), "zeros", name="total_confusion_matrix"
        )

    def update_state(
        self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> None:
        """Take a batch in. Classes out of range don't count.

        Args:
            y_true: Class numbers, or rows of `one_hot`.
            y_pred: Class numbers, or rows of probabilities.
            sample_weight: What an entry counts.
        """
        if not self.sparse_y_true:
            y_true = ops.argmax(y_true, axis=self.axis)
        if not self.sparse_y_pred:
            y_pred = ops.argmax(y_pred, axis=self.axis)
        y_true = ops.reshape(ops.convert_to_tensor(y_true, dtype="int32"), (-1,))
        y_pred = ops.reshape(ops.convert_to_tensor(y_pred, dtype="int32"), (-1,))
        weight = self._weight(sample_weight, y_true)
        counts = ops.logical_and(self._in_range(y_true), self._in_range(y_pred))
        if self.ignore_class is not None:
            counts = ops.logical_and(counts, ops.not_equal(y_true, self.ignore_class))
        places = ops.stack([ops.where(counts, y_true, 0), ops.where(counts, y_pred, 0)], axis=1)
        shape = (self.num_classes, self.num_classes)
        self.total_cm.assign_add(ops.scatter(places, ops.where(counts, weight, 0), shape))

    def _in_range(self, classes: Tensor) -> Tensor:
        return ops.logical_and(ops.greater_equal(classes, 0), ops.less(classes, self.num_classes))

    def _weight(self, sample_weight: ArrayLike | None, y_true: Tensor) -> Tensor:
        if sample_weight is None:
            return ops.ones(shape_of(y_true), self.dtype)
        weight = ops.convert_to_tensor(sample_weight)
        if is_float(ops.dtype(weight)) and is_integer(self.dtype):
            warnings.warn(
                f"{type(self).__name__}: weights are rounded down to {self.dtype}, the dtype of "
                'the metric. Give it dtype="float32" to keep them.',
                stacklevel=4,
            )
        weight = ops.cast(weight, self.dtype)
        if len(weight.shape) > 1:
            weight = ops.reshape(weight, (-1,))
        return ops.broadcast_to(weight, shape_of(y_true))

    def result(self) -> Tensor:
        """Return the mean so far, over those target classes that occur."""
        matrix = ops.convert_to_tensor(self.total_cm)
        right = ops.diagonal(matrix)
        union = ops.subtract(ops.add(ops.sum(matrix, axis=0), ops.sum(matrix, axis=1)), right)
        wanted = ops.convert_to_tensor(self.target_class_ids, "int32")
        right = ops.cast(ops.take(right, wanted, axis=0), "float32")
        union = ops.cast(ops.take(union, wanted, axis=0), "float32")
        occurs = ops.greater(union, 1e-9)
        tiny = settings.epsilon()
        share = ops.where(occurs, ops.divide(right, ops.add(union, tiny)), 0.0)
        return ops.divide(ops.sum(share), ops.add(ops.sum(ops.cast(occurs, "float32")), tiny))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "target_class_ids": self.target_class_ids,
            "ignore_class": self.ignore_class,
            "sparse_y_true": self.sparse_y_true,
            "sparse_y_pred": self.sparse_y_pred,
            "axis": self.axis,
        }


class BinaryIoU(IoU):
    """The mean of intersection over union for yes-no decisions.

    Args:
        target_class_ids: Of 0 and 1, those that the mean is over.
        threshold: From it on, a prediction means 1.
        name: Its name.
        dtype: Dtype of the confusion matrix; None: int32.

    Example:
        >>> m = BinaryIoU(threshold=0.3)
        >>> m.update_state([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])
        >>> round(float(m.result()), 4)
        0.3333
    """

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(2, target_class_ids, name=name, dtype=dtype)
        self.threshold = threshold

    def update_state(
        self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> None:
        """Take a batch in.

        Args:
            y_true: Labels 0 and 1.
            y_pred: Probabilities.
            sample_weight: What an entry counts.
        """
        y_pred = ops.convert_to_tensor(y_pred, dtype="float32")
        y_pred = ops.cast(ops.greater_equal(y_pred, self.threshold), "int32")
        super().update_state(y_true, y_pred, sample_weight)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return {
            "target_class_ids": self.target_class_ids,
            "threshold": self.threshold,
            "name": self.name,
            "dtype": self.dtype,
        }


class MeanIoU(IoU):
    """The mean of intersection over union for all classes.

    Args:
        num_classes: The number of classes.
        name: Its name.
        dtype: Dtype of the confusion matrix; None: int32.
        ignore_class: Class whose entries don't count.
        sparse_y_true: Whether targets are class numbers, not rows of `one_hot`.
        sparse_y_pred: Whether predictions are class numbers, not rows of probabilities.
        axis: Axis of those rows.

    Example:
        >>> m = MeanIoU(num_classes=2)
        >>> m.update_state([0, 0, 1, 1], [0, 1, 0, 1])
        >>> round(float(m.result()), 4)
        0.3333
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            range(num_classes),
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=sparse_y_true,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return {
            "num_classes": self.num_classes,
            "name": self.name,
            "dtype": self.dtype,
            "ignore_class": self.ignore_class,
            "sparse_y_true": self.sparse_y_true,
            "sparse_y_pred": self.sparse_y_pred,
            "axis": self.axis,
        }


class OneHotIoU(IoU):
    """The mean of intersection over union for some classes, with targets as rows of `one_hot`.

    Args:
        num_classes: The number of classes.
        target_class_ids: Classes that the mean is over.
        name: Its name.
        dtype: Dtype of the confusion matrix; None: int32.
        ignore_class: Class whose entries don't count.
        sparse_y_pred: Whether predictions are class numbers, not rows of probabilities.
        axis: Axis of the rows.

    Example:
        >>> m = OneHotIoU(num_classes=2, target_class_ids=[0])
        >>> m.update_state([[1, 0], [0, 1]], [[0.4, 0.6], [0.3, 0.7]])
        >>> float(m.result())
        0.0
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            target_class_ids,
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=False,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return {
            "num_classes": self.num_classes,
            "target_class_ids": self.target_class_ids,
            "name": self.name,
            "dtype": self.dtype,
            "ignore_class": self.ignore_class,
            "sparse_y_pred": self.sparse_y_pred,
            "axis": self.axis,
        }


class OneHotMeanIoU(MeanIoU):
    """The mean of intersection over union for all classes, with targets as rows of `one_hot`.

    Args:
        num_classes: The number of classes.
        name: Its name.
        dtype: Dtype of the confusion matrix; None: int32.
        ignore_class: Class whose entries don't count.
        sparse_y_pred: Whether predictions are class numbers, not rows of probabilities.
        axis: Axis of the rows.

    Example:
        >>> m = OneHotMeanIoU(num_classes=2)
        >>> m.update_state([[1, 0], [0, 1]], [[0.4, 0.6], [0.3, 0.7]])
        >>> float(m.result())
        0.25
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=False,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        config = super().get_config()
        del config["sparse_y_true"]
        return config
