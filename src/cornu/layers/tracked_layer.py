"""`TrackedLayer`: a layer as an object, whose attributes are sorted by what they are.

What is set as an attribute, alone or in lists and dicts, is found again in `_layers`, `_metrics`,
`_trainable_variables` and so on. `LayerState` is built on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cornu.backends import current
from cornu.errors import StateError
from cornu.graph import effects
from cornu.graph.trace import current_trace
from cornu.metrics.metric import Metric
from cornu.random.seed_generator import SeedGenerator
from cornu.state.names import current_path, name_scope
from cornu.state.tracking import TrackedDict, TrackedList, TrackedSet, Tracker
from cornu.state.variable import Variable
from cornu.symbolic.operation import Operation

__all__ = ["BackendBase", "TrackedLayer", "not_initialised"]

BackendBase: Any = current("Layer").layer_base
_bases: tuple[type, ...] = (Operation,) if BackendBase is object else (Operation, BackendBase)

# Attributes whose change means nothing to a compiled step.
_HARMLESS = frozenset(("stop_training", "built", "history", "trainable", "name"))
# Most attributes are of these types, and the tracker would look at them several times in vain.
_PLAIN = frozenset((bool, int, float, str, type(None)))


class TrackedLayer(*_bases):  # type: ignore[misc]  # on torch a layer is an nn.Module
    """Base of `LayerState`: attributes, names, copies. Its arguments are those of `Layer`."""

    _path: str | None
    _parent_path: str | None

    # What a backend's own base brings along is no part of the model to files.
    _cornu_skipped = frozenset(() if BackendBase is object else dir(BackendBase()))

    # Tracking

    def _cornu_tracking(self) -> Tracker:
        tracker: Tracker | None = self.__dict__.get("_tracker")
        if tracker is None:
            lists: dict[str, list[Any]] = {
                name: []
                for name in (
                    "_trainable_variables",
                    "_non_trainable_variables",
                    "_layers",
                    "_metrics",
                    "_seed_generators",
                )
            }
            tracker = Tracker(
                {
                    "trainable_variables": (_is_trainable, lists["_trainable_variables"]),
                    "non_trainable_variables": (_is_fixed, lists["_non_trainable_variables"]),
                    "metrics": (_is_metric, lists["_metrics"]),
                    "layers": (_is_layer, lists["_layers"]),
                    "seed_generators": (_is_seed_generator, lists["_seed_generators"]),
                },
                exclusions={"non_trainable_variables": ["trainable_variables"]},
            )
            self.__dict__["_tracker"] = tracker
            self.__dict__.update(lists)
            self.__dict__["_cornu_version"] = 0
        return tracker

    def __setattr__(self, name: str, value: Any) -> None:
        tracker = self.__dict__.get("_tracker") or self._cornu_tracking()
        if name.startswith("_cornu_"):
            self.__dict__[name] = value
            return
        if value.__class__ not in _PLAIN:
            value = tracker.track(value)
        if name not in _HARMLESS and effects.current_scope() is None and current_trace() is None:
            self.__dict__["_cornu_version"] += 1
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        value = getattr(self, name, None)
        super().__delattr__(name)
        tracker: Tracker | None = self.__dict__.get("_tracker")
        if tracker is not None:
            tracker.unlock()
            tracker.untrack(value)

    def _lock_state(self) -> None:
        """Refuse new weights after `build`: optimizers and files count on them."""
        tracker = self._cornu_tracking()
        if tracker.locked is None:
            tracker.lock(
                f"Weights and sublayers of the layer {self.name!r} can't be added any more once it "
                "is built. Create them all in `__init__` or `build`."
            )

    def _flatten_layers(
        self, include_self: bool = True, recursive: bool = True
    ) -> Iterator[TrackedLayer]:
        """Yield the layers in it, depth first in order of attachment, each once."""
        seen: set[int] = set()
        stack: list[TrackedLayer] = [self] if include_self else list(reversed(self._layers))
        while stack:
            layer = stack.pop()
            if id(layer) in seen:
                continue
            seen.add(id(layer))
            yield layer
            if recursive or layer is self:
                stack.extend(reversed(layer._layers))

    # Names

    @property
    def path(self) -> str | None:
        """The path of its variables: names of the layers around it and its own."""
        return self._path

    def _open_name_scope(self) -> name_scope:
        if self._parent_path is None:
            self.__dict__["_parent_path"] = current_path()
        return name_scope(self.name, caller=self, override_parent=self._parent_path)

    # Copies

    def __getstate__(self) -> dict[str, Any]:
        """Return all attributes: pickle and deepcopy take a layer as it is."""
        kinds = (TrackedList, TrackedDict, TrackedSet)
        tracked = [name for name, value in self.__dict__.items() if isinstance(value, kinds)]
        # Nodes behind it aren't part of it, and would lead to the whole graph, layer by layer.
        return {**self.__dict__, "_outbound_nodes": [], "_cornu_containers": tracked}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Become what `__getstate__` of another layer described."""
        state = dict(state)
        containers = state.pop("_cornu_containers")
        inherited = getattr(super(), "__setstate__", self.__dict__.update)
        inherited(state)
        tracker = self._cornu_tracking()
        for name in containers:  # they were copied as plain ones
            self.__dict__[name] = tracker.track(state[name])


# What the tracker sorts by. Functions with names, so that layers can be pickled.


def _is_trainable(x: Any) -> bool:
    return isinstance(x, Variable) and x.trainable


def _is_fixed(x: Any) -> bool:
    return isinstance(x, Variable) and not x.trainable


def _is_metric(x: Any) -> bool:
    return isinstance(x, Metric)


def _is_layer(x: Any) -> bool:
    return isinstance(x, TrackedLayer)


def _is_seed_generator(x: Any) -> bool:
    return isinstance(x, SeedGenerator)


def not_initialised(layer: Any) -> StateError:
    """Return the error for a layer whose constructor never called the one of `Layer`."""
    return StateError(
        f"The layer {type(layer).__name__} was not initialised: its `__init__` must begin with "
        "`super().__init__()`."
    )
