"""`model(x)` as one compiled step, where nothing in it could tell the difference.

Op by op, a call of a small network is mostly Python. From its third call on with equal shapes a
model whose layers are all cornu's own runs its compiled prediction step instead: such layers do
nothing besides what a trace records. A model with code of the user's runs op by op, so that a
breakpoint, a print or an `if` in it works.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cornu.backends import current
from cornu.graph import effects
from cornu.graph.array import Array, raw
from cornu.graph.trace import current_trace
from cornu.layers.context import call_context
from cornu.state.masks import get_mask

__all__ = ["CompiledCall"]

_CALLS = 2  # op by op first: a call that happens once needn't wait for a compiler
_DTYPES = frozenset(("float32", "int32", "uint8", "bool"))  # enter a step as they enter a call


class CompiledCall:
    """Decides for one model, and remembers how often it was called with which shapes.

    Args:
        model: The model.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._layers = 0
        self._plain = False
        self._calls: dict[Any, int] = {}

    def __call__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return the outputs, or NotImplemented where the call must run op by op."""
        if len(args) != 1 or kwargs.keys() - {"training"} or kwargs.get("training"):
            return NotImplemented
        x = args[0]
        if x.__class__ is not Array and x.__class__ is not np.ndarray:
            return NotImplemented
        if x.dtype.name not in _DTYPES or get_mask(x) is not None or not self._allowed():
            return NotImplemented
        key = (x.shape, x.dtype)
        called = self._calls.get(key, 0)
        if called < _CALLS:
            self._calls[key] = called + 1
            return NotImplemented
        return self._model._call_by_step(np.asarray(raw(x)))

    def forbid(self) -> None:
        """Let all further calls run op by op."""
        self._layers, self._plain = -1, False

    def _allowed(self) -> bool:
        model = self._model
        if (
            not model.built
            or model.run_eagerly
            or not current().traces
            or effects.current_scope() is not None
            or current_trace() is not None
            or call_context.get() is not None
        ):
            return False
        if self._layers < 0:
            return False
        layers = list(model._flatten_layers())
        if len(layers) != self._layers:
            self._layers = len(layers)
            self._plain = all(map(_is_plain, layers))
        return self._plain


def _is_plain(layer: Any) -> bool:
    """Say whether a layer is cornu's own and leaves nothing behind besides its outputs."""
    regularizer = getattr(layer, "activity_regularizer", None)
    return type(layer).__module__.startswith("cornu.") and regularizer is None
