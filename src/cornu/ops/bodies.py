"""Tracing the functions that control flow takes, with one rule for what they write.

A body runs in a child scope whose reads fall through. Cells written in it become further outputs,
and are written in the scope around it once the primitive has run: branches give the union of what
any of them writes, loops carry it. Cells are opaque here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cornu import tree
from cornu.backends import current
from cornu.errors import ArgumentError, ShapeError
from cornu.graph import effects
from cornu.graph.dim import same_dim
from cornu.graph.effects import Cell
from cornu.graph.kerastensor import KerasTensor
from cornu.graph.spec import Spec, spec_of
from cornu.graph.trace import Graph, Tracer, close_over, current_trace
from cornu.ops.op import Tensor, as_tensor
from cornu.primitives.shape import full

__all__ = [
    "Body",
    "check_same",
    "is_abstract",
    "keep_for_gradient",
    "known_bool",
    "rebuild",
    "tensors",
    "trace_body",
]


class Body:
    """A traced function.

    Attributes:
        graph: From (its arguments, captured values) to (its results, new values of `cells`).
        captured: Outer values that the graph takes after the arguments.
        structure: What the function returned; its leaves stand for the results.
        results: How many outputs are the function's own.
        cells: What it wrote, in order.
    """

    __slots__ = ("captured", "cells", "graph", "results", "structure")

    def __init__(
        self, graph: Graph, captured: list[Any], structure: Any, results: int, cells: list[Cell]
    ) -> None:
        self.graph = graph
        self.captured = captured
        self.structure = structure
        self.results = results
        self.cells = cells

    @property
    def specs(self) -> list[Spec]:
        """The Specs of the function's own results."""
        return self.graph.specs[: self.results]


def trace_body(
    f: Callable[..., Any],
    specs: Sequence[Spec],
    *,
    bound: Mapping[Cell, int] | None = None,
    hoists: bool = False,
) -> Body:
    """Trace a function of flat arguments that returns any structure.

    Args:
        f: Called with one value per Spec.
        specs: Specs of the arguments, those for `bound` included.
        bound: Cells whose value is the argument at this place; `f` doesn't get those. The graph
            returns their values in this order, whether written or not.
        hoists: Whether what doesn't depend on the arguments is computed outside.
    """
    bound = bound or {}
    found: list[Any] = []

    def run(*values: Tensor) -> list[Tensor]:
        with effects.scope() as scope:
            for cell, place in bound.items():
                scope.bound[cell] = values[place]
            taken = frozenset(bound.values())
            structure = f(*(v for i, v in enumerate(values) if i not in taken))
            leaves = [_result(leaf) for leaf in tree.flatten(structure) if leaf is not None]
            cells = list(dict.fromkeys([*bound, *scope.written]))
            new = [scope.read(cell) for cell in cells]
        found.extend((structure, len(leaves), cells))
        return [*leaves, *new]

    graph, captured = close_over(run, specs, hoists=hoists)
    structure, results, cells = found
    return Body(graph, captured, structure, results, cells)


def _result(x: Any) -> Tensor:
    if x.__class__ is KerasTensor:
        # A model is being described: its shape and dtype are all that is asked for.
        spec = x._cornu_spec
        return full(shape=spec.shape, value=0, dtype=spec.dtype)
    return as_tensor(x)


def rebuild(structure: Any, leaves: Sequence[Tensor]) -> Any:
    """Return the structure with these leaves; None stays None."""
    rest = iter(leaves)
    return tree.map_structure(lambda leaf: None if leaf is None else next(rest), structure)


def tensors(structure: Any) -> Any:
    """Return the structure with its leaves as tensors; None and KerasTensors stay what they are."""

    def convert(x: Any) -> Any:
        return x if x is None or x.__class__ is KerasTensor else as_tensor(x)

    return tree.map_structure(convert, structure)


def is_abstract(*values: Any) -> bool:
    """Say whether one of the values is not known now, or an open trace records without values."""
    trace = current_trace()
    while trace is not None:
        if not trace.concrete:
            return True
        trace = trace.parent
    return not all(map(_is_known, values))


def _is_known(x: Any) -> bool:
    if x.__class__ is Tracer:
        return x.value is not None
    return current().is_concrete(x)


def known_bool(name: str, what: str, x: Tensor) -> bool | None:
    """Return a truth value that is known now, else None.

    Raises:
        ShapeError: If it is more than one value.
    """
    spec = spec_of(x)
    if any(not same_dim(d, 1) for d in spec.shape):
        raise ShapeError(name, f"the {what} must be one truth value", received=spec)
    if not _is_known(x):
        return None
    return bool(x.value if x.__class__ is Tracer else x)


def check_same(
    name: str, what: str, expected: Any, got: Any, specs: tuple[list[Spec], list[Spec]]
) -> None:
    """Raise unless two structures and the Specs of their leaves agree.

    Args:
        name: The op, for the message.
        what: Whose results they are, such as "both branches".
        expected: The one structure.
        got: The other one.
        specs: The Specs of their leaves, None left out.

    Raises:
        ArgumentError: If the structures differ.
        ShapeError: If a leaf differs in shape or dtype; it is named.
    """
    paths = [p for p, leaf in tree.flatten_with_path(expected) if leaf is not None]
    others = [p for p, leaf in tree.flatten_with_path(got) if leaf is not None]
    if paths != others:
        raise ArgumentError(
            name, f"{what} must have the same structure", expected=expected, received=got
        )
    for path, a, b in zip(paths, *specs, strict=True):
        if a.dtype != b.dtype or a.ndim != b.ndim or not all(map(same_dim, a.shape, b.shape)):
            leaf = "".join(f"[{key!r}]" for key in path) or "the value"
            raise ShapeError(
                name,
                f"{what} must have the same shape and dtype, which {leaf} has not",
                fix="Use `ops.cast`, `ops.reshape` or `ops.broadcast_to` on one of them.",
                expected=a,
                received=b,
            )


def keep_for_gradient() -> bool:
    """Say whether a gradient of our own may be asked for, which needs the steps of a loop."""
    return current().traces and current_trace() is not None
