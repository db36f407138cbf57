"""What `cornu doctor --kernels` says: how the native backend runs each primitive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cornu import primitives  # noqa: F401  # importing it fills PRIMITIVES
from cornu.backends.native.domains import PLACES, REDUCTIONS
from cornu.backends.native.lower import LOWER
from cornu.backends.native.plan import DTYPES
from cornu.backends.native.views import VIEWS
from cornu.graph.primitive import PRIMITIVES, Primitive

__all__ = ["FALLBACK", "how", "kernel_lines"]

FALLBACK = "NumPy"
_CONTROL = {"cond": "cond", "scan": "scan", "while_loop": "while"}
_GONE = {  # what no plan has any more
    "custom_gradient": "resolved before planning",
    "dim_size": "resolved before planning",
}


def kernel_lines(core: Any) -> Iterator[str]:
    """Yield a table: primitive, how it runs, element types if not all kinds do.

    Args:
        core: A module of the compiled core.
    """
    rows = [(name, *how(primitive, core)) for name, primitive in sorted(PRIMITIVES.items())]
    yield f"{'primitive':<22}{'runs as':<26}element types"
    for name, way, dtypes in rows:
        yield f"{name:<22}{way:<26}{dtypes}".rstrip()
    falling = sum(way.startswith(FALLBACK) for _, way, _ in rows)
    yield ""
    yield f"{len(rows)} primitives, {falling} of them by NumPy. float16 and bfloat16 are computed"
    yield "in float32, between casts. Other element types and ranks than a kernel has run by NumPy."


def how(primitive: Primitive, core: Any) -> tuple[str, str]:
    """Return how a primitive runs, and in which element types, `""` if the kernel says.

    Args:
        primitive: One of `PRIMITIVES`.
        core: A module of the compiled core.
    """
    name, opcodes, ops = primitive.name, core.opcodes(), core.block_ops()
    if name in _GONE:
        return _GONE[name], ""
    if primitive.dynamic:
        return f"{FALLBACK}, the whole step", ""
    if name in VIEWS or name == "reshape":
        return "another view, no work", ""
    if primitive.elementwise or name == "random_bits":
        return ("block", _short(ops[name][1])) if name in ops else (FALLBACK, "")
    if name == "dot":
        return ("gemm", "float32 float64") if "gemm" in opcodes else (FALLBACK, "")
    if name in _CONTROL:
        return (_CONTROL[name], "") if _CONTROL[name] in opcodes else (FALLBACK, "")
    row = REDUCTIONS[name][0] if name in REDUCTIONS else PLACES.get(name, "")
    if row in ops:
        kernel = " or a kernel of its own" if name in LOWER else ""
        return f"block{kernel}", _short(ops[row][1]) if not kernel else ""
    return ("a kernel of its own", "") if name in LOWER else (FALLBACK, "")


def _short(numbers: set[int]) -> str:
    return " ".join(DTYPES[i] for i in sorted(numbers))
