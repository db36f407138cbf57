"""How a primitive becomes an instruction: what each file of this folder returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cornu.graph.trace import Node

__all__ = ["ARITHMETIC", "Lower", "Op"]

# What kernels compute with, where they don't only move elements.
ARITHMETIC = frozenset(("bool", "uint8", "uint32", "int32", "int64", "float32", "float64"))


class Op(NamedTuple):
    """An instruction to be.

    Attributes:
        opcode: The kernel.
        attributes: Its integers.
        inputs: Places of the node's operands that it takes; None: all, in order.
        contiguous: Whether operands must be row-major without gaps; else any strides will do.
        outputs: Places of the node's results that it makes; None: all, in order.
        strided: Places of inputs that may have any strides though the others may not.
        reuse: Places of inputs whose memory the first output may take over.
    """

    opcode: str
    attributes: tuple[int, ...] = ()
    inputs: tuple[int, ...] | None = None
    contiguous: bool = True
    outputs: tuple[int, ...] | None = None
    strided: tuple[int, ...] = ()
    reuse: tuple[int, ...] = ()


# Returns None where the core has no kernel for these dtypes or ranks: then the primitive's
# reference runs.
Lower = Callable[[Node], Op | None]
