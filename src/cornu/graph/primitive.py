"""`Primitive`: the smallest thing a backend must know, and how a call finds who runs it.

Dispatch is by the types of the operands, with ranks: an abstract tracer wins over a foreign tensor,
that over an ndarray. A plain eager call costs one dictionary look-up per operand; errors cost
nothing until they happen: the reference runs first, and only if it fails the rule is run, for its
clear message.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from cornu.graph.dim import Dim
from cornu.graph.spec import Spec, spec_of

__all__ = [
    "HANDLERS",
    "PRIMITIVES",
    "Handler",
    "Primitive",
    "Run",
    "infer",
    "register_handler",
    "run_reference",
    "set_ambient",
    "set_default_run",
    "zero",
]

Rule = Callable[..., Any]


class _Zero:
    """The gradient of an operation whose derivative is zero wherever it exists."""

    def __repr__(self) -> str:
        return "zero"


zero = _Zero()

PRIMITIVES: dict[str, Primitive] = {}


class Run(Protocol):
    """Run a primitive on operands: what a handler does."""

    def __call__(self, primitive: Primitive, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
        """Return the result, a tuple if the primitive is `multiple`."""


class Handler:
    """Who runs a primitive that meets a value of this type; the highest rank among operands wins.

    Ranks: 0 plain arrays, 1 foreign tensors, 2 tracers, 3 abstract symbolic tensors.
    """

    __slots__ = ("rank", "run")

    def __init__(self, rank: int, run: Run) -> None:
        self.rank = rank
        self.run = run


class _Handlers(dict[type, "Handler | None"]):
    """Type to handler; an unknown subclass walks its MRO once and is remembered."""

    def __missing__(self, cls: type) -> Handler | None:
        found: Handler | None = None
        for base in cls.__mro__[1:]:
            if base in self:
                found = self[base]
                break
        self[cls] = found
        return found


HANDLERS = _Handlers()
HANDLERS[np.ndarray] = None


def register_handler(cls: type, rank: int, run: Run) -> None:
    """Make `run` responsible for operands of type `cls` and below."""
    for known in [k for k in HANDLERS if k is not cls and issubclass(k, cls)]:
        del HANDLERS[known]  # remembered before its base was registered
    HANDLERS[cls] = Handler(rank, run)


def run_reference(primitive: Primitive, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
    """Run the NumPy reference; on failure let the rule say what is wrong."""
    try:
        result = primitive.reference(*args, **attrs)
    except Exception:
        primitive.rule(*[spec_of(a) for a in args], **attrs)
        raise
    if primitive.multiple or result.__class__ is np.ndarray:
        return result
    return np.asarray(result)  # reductions of NumPy give scalars


_default_run: Run = run_reference


# What a trace does with a primitive that no operand brings to it, because only its attributes hold
# an unknown dimension: `broadcast_to(0.0, shape=(n, 3))`. Set by `trace`, which lies above.
_ambient: Run | None = None


def set_ambient(run: Run) -> None:
    """Say who records a primitive of which only the attributes are symbolic."""
    global _ambient
    _ambient = run


def _has_dim(x: Any) -> bool:
    if x.__class__ is tuple:
        return any(_has_dim(e) for e in x)
    return isinstance(x, Dim)


def set_default_run(run: Run) -> None:
    """Say who runs a primitive of which no operand has a handler: the chosen backend."""
    global _default_run
    _default_run = run


class Primitive:
    """A primitive operation: everything the house knows about it, in one place.

    Operands are positional arrays; attributes are keyword-only and hashable. The four fields have
    no defaults, so that leaving one out is an error on import.

    Args:
        name: Its name, the key in every backend's table.
        rule: Specs of the operands and attributes to the Spec of the result (a tuple of Specs if
            `multiple`). Works on unknown dimensions; raises ShapeError, DtypeError.
        reference: The NumPy implementation, which every other one is tested against.
        gradient: `(g, y, *operands, **attrs)` to a tuple with one cotangent per operand (None for
            an operand without one), written with primitives alone; with `multiple`, `g` and `y` are
            tuples, and an element of `g` is None where no cotangent arrived. `zero`: the derivative
            is zero, or the output is integer or boolean. `None`: a float output without a gradient;
            raises when a cotangent arrives.
        multiple: Whether it returns a tuple.
        dynamic: Whether the shape of its result depends on data, so that it can't be traced.
        elementwise: Whether operands broadcast against each other; autodiff then sums cotangents
            back to the operand's shape, so that gradients needn't.
    """

    __slots__ = (
        "dynamic",
        "elementwise",
        "gradient",
        "multiple",
        "name",
        "reference",
        "rule",
    )

    def __init__(
        self,
        name: str,
        *,
        rule: Rule,
        reference: Callable[..., Any],
        gradient: Callable[..., tuple[Any, ...]] | _Zero | None,
        multiple: bool = False,
        dynamic: bool = False,
        elementwise: bool = False,
    ) -> None:
        if name in PRIMITIVES:
            raise ValueError(f"There are two primitives of the name {name!r}.")
        self.name = name
        self.rule = rule
        self.reference = reference
        self.gradient = gradient
        self.multiple = multiple
        self.dynamic = dynamic
        self.elementwise = elementwise
        PRIMITIVES[name] = self

    def __call__(self, *args: Any, **attrs: Any) -> Any:
        """Run where the operands belong, or record."""
        best: Handler | None = None
        for a in args:
            handler = HANDLERS[a.__class__]
            if handler is not None and (best is None or handler.rank > best.rank):
                best = handler
        run = _default_run if best is None else best.run
        try:
            return run(self, args, attrs)
        except Exception:
            if _ambient is not None and any(_has_dim(v) for v in attrs.values()):
                found = _ambient(self, args, attrs)
                if found is not NotImplemented:
                    return found
            raise

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"


def infer(primitive: Primitive, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
    """Return the Spec (a tuple of Specs if `multiple`) of the result."""
    specs: list[Spec] = [spec_of(a) for a in args]
    return primitive.rule(*specs, **attrs)
