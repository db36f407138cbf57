"""Tracing: `Tracer`, `Node`, `Graph` and `Trace`, the recording of primitives.

A Trace records what runs on its tracers into a Graph in SSA form: nodes in order, each value a
Tracer that names its producer. An abstract trace knows specs only (`jit`, `fit`); a concrete one
computes values as it records (`grad` called eagerly), so that `if`, `print` and a debugger work.

Which trace records? The innermost open one; values of outer traces, and tensors of a foreign
backend, met inside are captured as its extra inputs, never baked. A trace that `hoists` (the body
of a loop) leaves to its parent what touches none of its own values.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from cornu.errors import TracedValueError
from cornu.graph.array import raw
from cornu.graph.dim import DimLike
from cornu.graph.operators import OPERATORS, Operators
from cornu.graph.primitive import (
    HANDLERS,
    Primitive,
    Run,
    register_handler,
    run_reference,
    set_ambient,
)
from cornu.graph.spec import Spec, spec_of

__all__ = [
    "Graph",
    "Node",
    "Trace",
    "Tracer",
    "close_over",
    "current_trace",
    "interpret",
    "known_shape",
    "layer_path",
    "numpy_call",
    "open_trace",
    "register_foreign",
]

# The path of the layer whose call is running, for errors and profiles: "model/dense_1".
layer_path: ContextVar[str] = ContextVar("layer_path", default="")
_current: ContextVar[Trace | None] = ContextVar("current_trace", default=None)


class Tracer(Operators):
    """A value of a trace: a shape and a dtype, and in eager gradients a concrete value."""

    __slots__ = ("__weakref__", "_cornu_spec", "_keras_mask", "node", "trace", "value")

    def __init__(
        self, trace: Trace, spec: Spec, node: Node | None = None, value: Any = None
    ) -> None:
        self.trace = trace
        self._cornu_spec = spec
        self.node = node
        self.value = value

    __hash__ = object.__hash__

    @property
    def shape(self) -> tuple[DimLike, ...]:
        """The shape; a `Dim` where the size is not known."""
        return self._cornu_spec.shape

    @property
    def dtype(self) -> str:
        """The name of the dtype."""
        return self._cornu_spec.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._cornu_spec.shape)

    @property
    def size(self) -> DimLike:
        """The number of elements."""
        total: DimLike = 1
        for d in self._cornu_spec.shape:
            total = total * d
        return total

    @property
    def T(self) -> Any:
        """The transpose."""
        return OPERATORS["transpose"](self)

    def astype(self, dtype: Any) -> Any:
        """Return the value in another dtype."""
        return OPERATORS["cast"](self, dtype)

    def reshape(self, *shape: Any) -> Any:
        """Return the value in another shape."""
        return OPERATORS["reshape"](self, shape[0] if len(shape) == 1 else shape)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("A value without axes has no length.")
        return int(self.shape[0])

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    # What needs the value itself.

    def _known(self, what: str, fix: str) -> Any:
        if self.value is not None:
            return self.value
        raise TracedValueError(
            what,
            "the value isn't known while the step is compiled",
            fix=fix,
            value=self._cornu_spec,
        )

    def __bool__(self) -> bool:
        return bool(self._known("`if`, `while`, `and`, `or` or `not`", _BRANCHES))

    def __int__(self) -> int:
        return int(self._known("int()", _CASTS))

    def __float__(self) -> float:
        return float(self._known("float()", _CASTS))

    def __index__(self) -> int:
        return int(self._known("range() or an index", _INDICES))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self._known("NumPy", _NUMPY), dtype=dtype)

    def __format__(self, form: str) -> str:
        if self.value is None and not form:
            return repr(self)
        return format(self._known("print or an f-string", _PRINTS), form)

    def numpy(self) -> Any:
        """Return the value, which only eager gradients know."""
        return np.array(self._known(".numpy()", _CASTS))

    def tolist(self) -> Any:
        """Return the value as Python numbers, which only eager gradients know."""
        return self._known(".tolist()", _CASTS).tolist()

    def item(self) -> Any:
        """Return the value as a Python number, which only eager gradients know."""
        return self._known(".item()", _CASTS).item()

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TracedValueError(
            "A value can't be written in place while it is traced.",
            fix="  wrong:  x[i] = v        right:  x = ops.slice_update(x, (i,), v)\n"
            "          x[mask] = 0             x = ops.where(mask, 0, x)",
        )

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return numpy_call(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return numpy_call(func, "__call__", args, kwargs)

    def __repr__(self) -> str:
        known = "" if self.value is None else f", value={self.value!r}"
        return f"<traced {self._cornu_spec!r}{known}>"


_BRANCHES = """\
  wrong:  if ops.sum(x) > 0:      right:  x = ops.where(ops.sum(x) > 0, x, -x)
              x = x               or:     x = ops.cond(ops.sum(x) > 0, lambda: x, lambda: -x)
          else: x = -x            or:     model.compile(..., run_eagerly=True)"""
_CASTS = """\
  wrong:  float(ops.mean(x))      right:  ops.mean(x), kept as an array
          int(ops.sum(x))         or:     model.compile(..., run_eagerly=True)"""
_INDICES = """\
  wrong:  for i in range(n):      right:  x = ops.fori_loop(0, n, lambda i, x: x + 1, x)
              x = x + 1
          x[i]                    right:  ops.take(x, i, axis=0)
                                  or:     model.compile(..., run_eagerly=True)"""
_PRINTS = """\
  wrong:  f"{ops.mean(x):.3f}"    right:  return the value from `call`, or keep it in a metric
                                  or:     model.compile(..., run_eagerly=True)"""
_NUMPY = """\
  wrong:  np.median(x)            right:  ops.median(x), or the op of that name in cornu.ops
                                  or:     model.compile(..., run_eagerly=True)"""

_LEAK = (
    "A value of a finished trace was used ({!r}). It was probably kept in an attribute or a list "
    "while a step was compiled."
)
_LEAK_FIX = "Return the value from `call`, or keep it in a Variable."

# NumPy's functions whose op has another name.
NUMPY_OPS = {
    "arcsin": "arcsin",
    "concatenate": "concatenate",
    "divide": "true_divide",
    "invert": "bitwise_not",
    "remainder": "mod",
    "amax": "max",
    "amin": "min",
}


def numpy_call(func: Any, method: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Run the op that a NumPy function on a tracer or KerasTensor means, or say there is none."""
    name = NUMPY_OPS.get(func.__name__, func.__name__)
    op = OPERATORS.get(name)
    if op is None or method != "__call__" or kwargs.get("out") is not None:
        raise TracedValueError(
            f"np.{func.__name__} can't run on a value that is not known yet.", fix=_NUMPY
        )
    return op(*args, **kwargs)


def known_shape(t: Tracer) -> tuple[int, ...]:
    """Return a value's shape where all sizes are known, as in a graph that is compiled."""
    return t._cornu_spec.shape  # type: ignore[return-value]


class Node:
    """One primitive of a graph, with its operands, attributes and results."""

    __slots__ = ("attrs", "inputs", "layer", "outputs", "primitive")

    def __init__(
        self, primitive: Primitive, inputs: list[Tracer], attrs: dict[str, Any], layer: str
    ) -> None:
        self.primitive = primitive
        self.inputs = inputs
        self.attrs = attrs
        self.layer = layer
        self.outputs: list[Tracer] = []

    def __repr__(self) -> str:
        ins = ", ".join(repr(i._cornu_spec) for i in self.inputs)
        outs = ", ".join(repr(o._cornu_spec) for o in self.outputs)
        return f"{self.primitive.name}({ins}) -> {outs}"


class Graph:
    """Primitives in order. Every input of a node is an input, a constant or an earlier output."""

    __slots__ = ("constants", "inputs", "nodes", "outputs")

    def __init__(self) -> None:
        self.inputs: list[Tracer] = []
        self.constants: dict[Tracer, np.ndarray[Any, Any]] = {}
        self.nodes: list[Node] = []
        self.outputs: list[Tracer] = []

    @property
    def specs(self) -> list[Spec]:
        """The Specs of the outputs."""
        return [o._cornu_spec for o in self.outputs]

    def describe(self) -> str:
        """Return the graph as text, one primitive a line."""
        names: dict[Tracer, str] = {}

        def name(t: Tracer) -> str:
            if t in self.constants:
                return f"const {t._cornu_spec!r}"
            return names.setdefault(t, f"v{len(names)}")

        lines = [f"inputs {', '.join(f'{name(i)}: {i._cornu_spec!r}' for i in self.inputs)}"]
        for node in self.nodes:
            ins = [name(i) for i in node.inputs]
            attrs = [f"{k}={v!r}" for k, v in node.attrs.items()]
            outs = ", ".join(f"{name(o)}: {o._cornu_spec!r}" for o in node.outputs)
            where = f"    # {node.layer}" if node.layer else ""
            lines.append(f"{outs} = {node.primitive.name}({', '.join(ins + attrs)}){where}")
        lines.append(f"outputs {', '.join(name(o) for o in self.outputs)}")
        return "\n".join(lines)


class Trace:
    """A recording in progress.

    Args:
        concrete: Compute values while recording.
        hoists: Leave what touches none of this trace's values to the trace around it.
    """

    __slots__ = (
        "captured",
        "concrete",
        "graph",
        "hoists",
        "is_open",
        "parent",
        "scalars",
    )

    def __init__(self, *, concrete: bool = False, hoists: bool = False) -> None:
        self.graph = Graph()
        self.concrete = concrete
        self.hoists = hoists
        self.parent: Trace | None = None
        self.is_open = False
        self.captured: dict[int, tuple[Any, Tracer]] = {}  # by id; keeps the outer value alive
        self.scalars: dict[tuple[str, Any], Tracer] = {}

    def input(self, spec: Spec, value: Any = None) -> Tracer:
        """Return a new input of the graph."""
        tracer = Tracer(self, spec, value=value)
        self.graph.inputs.append(tracer)
        return tracer

    def lift(self, x: Any) -> Tracer:
        """Return this trace's tracer for an operand: its own, a captured one, or a constant."""
        if x.__class__ is Tracer:
            if x.trace is self:
                found: Tracer = x
                return found
            if not x.trace.is_open:
                if x.value is None:
                    raise TracedValueError(_LEAK.format(x), fix=_LEAK_FIX)
                return self.constant(x.value)  # of an eager gradient: as good as an array
            return self._capture(x)
        handler = HANDLERS[x.__class__]
        if handler is not None and handler.rank >= 1:
            return self._capture(x)
        return self.constant(x)

    def _capture(self, x: Any) -> Tracer:
        known = self.captured.get(id(x))
        if known is None:
            # Through the parents, so that each trace on the way captures it too.
            outer = x
            if self.parent is not None and not (x.__class__ is Tracer and x.trace is self.parent):
                outer = self.parent.lift(x)
            known = (outer, self.input(spec_of(x), value=getattr(x, "value", None)))
            self.captured[id(x)] = known
            if outer is not x:
                self.captured[id(outer)] = known
        return known[1]

    def constant(self, x: Any) -> Tracer:
        """Return a constant; scalars are interned, writable arrays copied (they may change)."""
        value = raw(x) if isinstance(x, np.ndarray) else np.asarray(x)
        if value.ndim == 0:
            key = (value.dtype.str + str(value.dtype), value.tobytes())
            known = self.scalars.get(key)
            if known is None:
                known = self.scalars[key] = self._constant(value)
            return known
        return self._constant(value.copy() if value.flags.writeable else value)

    def _constant(self, value: np.ndarray[Any, Any]) -> Tracer:
        tracer = Tracer(self, spec_of(value), value=value if self.concrete else None)
        self.graph.constants[tracer] = value
        return tracer

    def emit(self, primitive: Primitive, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
        """Record a primitive and return its result."""
        if primitive.dynamic and not self.concrete:
            raise TracedValueError(
                f"{primitive.name}: the shape of its result depends on the data, so it can't be "
                "part of a compiled step.",
                fix="Use a mask with `ops.where`, or compile(..., run_eagerly=True).",
            )
        inputs = [self.lift(a) for a in args]
        node = Node(primitive, inputs, attrs, layer_path.get())
        if self.concrete:
            values = run_reference(primitive, [i.value for i in inputs], attrs)
            if not primitive.multiple:
                values = (values,)
            outputs = [Tracer(self, spec_of(v), node, v) for v in values]
        else:
            specs = primitive.rule(*[i._cornu_spec for i in inputs], **attrs)
            if not primitive.multiple:
                specs = (specs,)
            outputs = [Tracer(self, s, node) for s in specs]
        node.outputs = outputs
        self.graph.nodes.append(node)
        return tuple(outputs) if primitive.multiple else outputs[0]


def current_trace() -> Trace | None:
    """Return the innermost open trace, or None."""
    return _current.get()


@contextlib.contextmanager
def open_trace(trace: Trace) -> Iterator[Trace]:
    """Make `trace` the innermost one while the block runs."""
    trace.parent = _current.get()
    trace.is_open = True
    token = _current.set(trace)
    try:
        yield trace
    finally:
        _current.reset(token)
        trace.is_open = False


def _recorder(args: Sequence[Any]) -> Trace | None:
    """Return the innermost open trace, past those that hoist and own none of the operands."""
    trace = _current.get()
    while trace is not None and trace.hoists:
        if any(a.__class__ is Tracer and a.trace is trace for a in args):
            break
        trace = trace.parent
    return trace


def _run(primitive: Primitive, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
    trace = _recorder(args)
    if trace is None:
        leaked = next(a for a in args if a.__class__ is Tracer)
        if leaked.value is None:
            raise TracedValueError(_LEAK.format(leaked), fix=_LEAK_FIX)
        known = [a.value if a.__class__ is Tracer and a.value is not None else a for a in args]
        return primitive(*known, **attrs)
    return trace.emit(primitive, args, attrs)


def register_foreign(cls: type, run: Run) -> None:
    """Make `run` responsible for the tensors of a backend's library, outside of open traces.

    Inside one they are captured: else the branch of a `cond` that touches only tensors from outside
    would run whether or not it is taken.
    """

    def run_or_record(primitive: Primitive, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
        trace = _recorder(args)
        if trace is None:
            return run(primitive, args, attrs)
        return trace.emit(primitive, args, attrs)

    register_handler(cls, 1, run_or_record)


def _run_ambient(primitive: Primitive, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
    """Record a primitive without traced operands whose attributes hold an unknown dimension."""
    trace = _current.get()
    if trace is None:
        return NotImplemented
    return trace.emit(primitive, args, attrs)


register_handler(Tracer, 2, _run)
set_ambient(_run_ambient)


def close_over(
    f: Callable[..., Sequence[Any]], specs: Sequence[Spec], *, hoists: bool = False
) -> tuple[Graph, list[Any]]:
    """Trace `f` on abstract values into a closed Graph.

    Returns:
        The graph, whose inputs are those of `specs` followed by the captured ones, and the outer
        values that were captured, in that order.
    """
    trace = Trace(hoists=hoists)
    with open_trace(trace):
        inputs = [trace.input(s) for s in specs]
        outputs = f(*inputs)
        trace.graph.outputs = [trace.lift(o) for o in outputs]
    captured: dict[int, tuple[Any, Tracer]] = {}
    for outer, tracer in trace.captured.values():
        captured[id(tracer)] = (outer, tracer)
    graph = trace.graph
    graph.inputs = [*inputs, *(t for _, t in captured.values())]
    return graph, [outer for outer, _ in captured.values()]


def interpret(
    graph: Graph,
    args: Sequence[Any],
    run: Callable[[Primitive, Sequence[Any], dict[str, Any]], Any] | None = None,
) -> list[Any]:
    """Run the graph's primitives in order on `args`, by `run` or the primitive's own call."""
    values: dict[Tracer, Any] = dict(zip(graph.inputs, args, strict=True))
    values.update(graph.constants)
    for node in graph.nodes:
        operands = [values[i] for i in node.inputs]
        if run is None:
            result = node.primitive(*operands, **node.attrs)
        else:
            result = run(node.primitive, operands, node.attrs)
        if node.primitive.multiple:
            values.update(zip(node.outputs, result, strict=True))
        else:
            values[node.outputs[0]] = result
    return [values[o] for o in graph.outputs]
