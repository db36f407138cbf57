"""How a primitive becomes an instruction: what each file of this folder returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cornu.graph.trace import Node

__all__ = ["Lower", "Op"]


@dataclass(frozen=True)
class Op:
    """An instruction to be.

    Attributes:
        opcode: The kernel.
        attributes: Its integers.
        inputs: Places of the node's operands that it takes; None: all, in order.
        contiguous: Whether operands must be row-major without gaps; else any strides will do.
        outputs: Places of the node's results that it makes; None: all, in order.
    """

    opcode: str
    attributes: tuple[int, ...] = ()
    inputs: tuple[int, ...] | None = None
    contiguous: bool = True
    outputs: tuple[int, ...] | None = None


# Returns None where the core has no kernel for these dtypes or ranks: then the primitive's
# reference runs.
Lower = Callable[[Node], Op | None]
