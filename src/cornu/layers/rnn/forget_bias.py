"""The first bias of an LSTM: the forget gate begins open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cornu import initializers, ops

__all__ = ["with_open_forget_gate"]


def with_open_forget_gate(initializer: Any) -> Callable[..., Any]:
    """Return an initializer of a bias of four gates, whose second quarter is ones.

    Args:
        initializer: First values of the other quarters.

    References:
        Jozefowicz et al. 2015, "An Empirical Exploration of Recurrent Network Architectures".
    """

    def first_values(shape: tuple[int, ...], dtype: str | None = None) -> Any:
        units = shape[0] // 4
        parts = [
            initializer((units,), dtype=dtype),
            initializers.get("ones")((units,), dtype=dtype),
            initializer((2 * units,), dtype=dtype),
        ]
        return ops.concatenate(parts, axis=0)

    return first_values
