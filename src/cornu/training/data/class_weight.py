"""Weights of classes, as weights of samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cornu.errors import ArgumentError, ArgumentTypeError
from cornu.graph.dtypes import numpy_dtype
from cornu.settings import floatx

__all__ = ["class_weights_of"]


def class_weights_of(
    y: np.ndarray[Any, Any], class_weight: Mapping[Any, float]
) -> np.ndarray[Any, Any]:
    """Give each sample the weight of its class.

    Args:
        y: Class indices, (n,) or (n, 1), perhaps as floats; or one score per class, (n, ..., k),
            of which the greatest counts.
        class_weight: Class index -> weight. The index may be any kind of integer; a class that is
            left out has the weight 1.

    Returns:
        One weight per entry, in `floatx()`: (n,), or (n, ...) if the targets have more axes.

    Raises:
        ArgumentTypeError: It isn't a mapping, or an index isn't an integer.
        ArgumentError: A target isn't a number.

    Example:
        >>> class_weights_of(np.array([0, 2, 2]), {np.int64(2): 5.0}).tolist()
        [1.0, 5.0, 5.0]
    """
    weights = _by_index(class_weight)
    if y.dtype.kind not in "biuf" and y.dtype.kind != "V":
        raise ArgumentError("fit", "`class_weight` needs targets that are numbers", y=y)
    if y.ndim > 1:
        y = y[..., 0] if y.shape[-1] == 1 else np.argmax(y, axis=-1)
    if y.dtype.kind not in "biu":
        y = np.asarray(y, np.float64)
        if not np.isfinite(y).all():
            raise ArgumentError(
                "fit", "`class_weight` needs a class for every sample, but `y` has NaN or infinity"
            )
        y = np.round(y).astype(np.int64)
    classes, place = np.unique(y, return_inverse=True)
    of_class = np.array([weights.get(int(c), 1.0) for c in classes], numpy_dtype(floatx()))
    return of_class[place].reshape(y.shape)


def _by_index(class_weight: Mapping[Any, float]) -> dict[int, float]:
    if not isinstance(class_weight, Mapping):
        raise ArgumentTypeError(
            "fit",
            "`class_weight` must be a dict from class index to weight",
            fix="From a list of weights make one by `dict(enumerate(weights))`.",
            class_weight=class_weight,
        )
    weights = {}
    for index, weight in class_weight.items():
        try:
            number = int(index)
        except (TypeError, ValueError):
            number = None
        if number is None or isinstance(index, str) or number != index:
            raise ArgumentTypeError(
                "fit",
                "the keys of `class_weight` must be class indices (integers)",
                fix="For named classes use the index which each has in `y`.",
                key=index,
            )
        weights[number] = float(weight)
    return weights
