"""Names that mean one loss or metric or another, as the shapes of targets and predictions say."""

from __future__ import annotations

from typing import Any

from cornu import losses, metrics
from cornu.errors import ArgumentError
from cornu.graph.names import snake_case
from cornu.graph.spec import shape_of
from cornu.losses.function_loss import LossFunctionWrapper
from cornu.losses.lookup import named as named_loss
from cornu.metrics.lookup import named as named_metric
from cornu.metrics.reductions import MeanMetricWrapper

__all__ = ["check_loss", "check_metric", "find_loss", "find_metric"]

# Names that wait for shapes.
_ANY_CROSSENTROPY = ("crossentropy", "ce")
_ANY_ACCURACY = ("accuracy", "acc")


def check_loss(identifier: Any) -> None:
    """Raise unless `find_loss` will know what this is; nothing is made.

    Raises:
        ValueError: If it is an unknown name, or neither a name nor a loss.
    """
    if not isinstance(identifier, str):
        if not callable(identifier):
            losses.get(identifier)
    elif identifier.lower() not in _ANY_CROSSENTROPY:
        named_loss(identifier)


def check_metric(identifier: Any) -> None:
    """Raise unless `find_metric` will know what this is; nothing is made.

    Raises:
        ValueError: If it is an unknown name, or neither a name nor a metric.
    """
    if not isinstance(identifier, str):
        if not callable(identifier):
            metrics.get(identifier)
    elif identifier.lower() not in _ANY_ACCURACY:
        named_metric(identifier)


def _kind(y_true: Any, y_pred: Any) -> str:
    """Return whether predictions are yes-no decisions, or of classes given by number or by row."""
    target, predicted = shape_of(y_true), shape_of(y_pred)
    if not predicted or predicted[-1] == 1:
        return "binary"
    if len(target) < len(predicted) or target[-1] == 1:
        return "sparse"
    return "categorical"


def _name_of(found: Any, identifier: Any) -> str:
    if isinstance(identifier, str):
        return identifier
    name = getattr(found, "name", None)
    if isinstance(name, str):
        return name
    return snake_case(getattr(found, "__name__", type(found).__name__))


def find_loss(identifier: Any, y_true: Any, y_pred: Any) -> losses.Loss:
    """Return a loss for targets and predictions of these shapes.

    Args:
        identifier: What `losses.get` takes, or `"crossentropy"` (`"ce"`).
        y_true: Targets.
        y_pred: Predictions.
    """
    if isinstance(identifier, str) and identifier.lower() in _ANY_CROSSENTROPY:
        found = {
            "binary": losses.binary_crossentropy,
            "sparse": losses.sparse_categorical_crossentropy,
            "categorical": losses.categorical_crossentropy,
        }[_kind(y_true, y_pred)]
    else:
        found = losses.get(identifier)
    if isinstance(found, losses.Loss):
        return found
    return LossFunctionWrapper(found, name=_name_of(found, identifier))


def find_metric(identifier: Any, y_true: Any, y_pred: Any) -> metrics.Metric:
    """Return a metric for targets and predictions of these shapes.

    Args:
        identifier: What `metrics.get` takes, or `"accuracy"` (`"acc"`). A name becomes that of the
            metric.
        y_true: Targets.
        y_pred: Predictions.

    Raises:
        ArgumentError: If it is None.
    """
    if identifier is None:
        raise ArgumentError("compile", "None can't stand in a list of metrics")
    if isinstance(identifier, str) and identifier.lower() in _ANY_ACCURACY:
        found: Any = {
            "binary": metrics.BinaryAccuracy,
            "sparse": metrics.SparseCategoricalAccuracy,
            "categorical": metrics.CategoricalAccuracy,
        }[_kind(y_true, y_pred)](name=identifier)
    else:
        found = metrics.get(identifier)
    name = _name_of(found, identifier)
    metric = found if isinstance(found, metrics.Metric) else MeanMetricWrapper(found)
    if metric.name != name:
        metric.name = name
    return metric
