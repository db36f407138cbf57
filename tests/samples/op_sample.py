"""`OpSample`, a row that declares how an op is tested."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.samples.sample import Draw, Sample

__all__ = ["OpSample", "row"]


@dataclass(frozen=True, eq=False)
class OpSample(Sample):
    """A `Sample` of an op, called as a user calls it.

    Attributes:
        listed: Whether the op takes its operands as one list.
        traceable: Whether it can be compiled: the shape of its result is no data.
        known: Whether the result can be told where the first axes have no known size.
    """

    listed: bool = False
    traceable: bool = True
    known: bool = True

    def call(self, op: Callable[..., Any], operands: list[Any]) -> Any:
        """Call the op."""
        if self.listed:
            return op(operands, **self.attrs)
        return op(*operands, **self.attrs)


def row(
    name: str,
    *operands: Draw,
    by: Callable[..., Any] | None = None,
    attrs: Mapping[str, Any] | None = None,
    **fields: Any,
) -> OpSample:
    """Return a row; the reference is by default NumPy's function of that name."""
    reference = by if by is not None else getattr(np, name)
    return OpSample(name, operands, reference, attrs or {}, **fields)
