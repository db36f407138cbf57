"""Steps in the functional form, `train_step(self, state, data)`: values of all state in and out."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from cornu.errors import ArgumentError
from cornu.state.variable import Variable

__all__ = ["by_lists", "takes_lists"]


def takes_lists(step: Callable[..., Any]) -> bool:
    """Say whether a step has two required positional parameters: the state and the data."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    required = [
        p
        for p in inspect.signature(step).parameters.values()
        if p.kind in kinds and p.default is inspect.Parameter.empty
    ]
    return len(required) == 2


def by_lists(model: Any, mode: str, step: Callable[..., Any]) -> Callable[[Any], Any]:
    """Return a step that takes the data alone.

    Args:
        model: The model. Its lists are those of trainable variables, non-trainable ones, the
            optimizer's (in training), and the metrics' (not in prediction).
        mode: "train", "test" or "predict".
        step: In either form. The functional one returns the logs or outputs, and the new state: of
            a prediction the non-trainable values alone.
    """
    if not takes_lists(step):
        return step

    def call(data: Any) -> Any:
        lists = _lists(model, mode)
        given = tuple([v.value for v in variables] for variables in lists)
        found, new = step(given, data)
        if mode == "predict":
            lists, new = lists[1:], (new,)
        if len(new) != len(lists):
            raise ArgumentError(
                f"{type(model).__name__}.{mode}_step",
                f"it must return a state of {len(lists)} lists, as it was given, not {len(new)}",
            )
        for variables, values in zip(lists, new, strict=True):
            for v, value in zip(variables, values, strict=True):
                v.assign(value)
        return found

    return call


def _lists(model: Any, mode: str) -> tuple[list[Variable], ...]:
    lists = [model.trainable_variables, model.non_trainable_variables]
    if mode == "train":
        lists.append([] if model.optimizer is None else list(model.optimizer.variables))
    if mode != "predict":
        lists.append([v for metric in model.metrics for v in metric.variables])
    return tuple(lists)
