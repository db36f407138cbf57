"""`@op`: what makes an ordinary function on arrays an op, and the promotion of its operands.

A call with arrays runs the body now; with a KerasTensor it records a node and infers the output by
running the very same body on abstract values; inside a trace the primitives it reaches are
recorded. There is no second class and no second shape function.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

import numpy as np

from cornu import settings
from cornu.backends import active, current
from cornu.errors import ArgumentError, DtypeError, ShapeError
from cornu.graph.array import Array, as_array
from cornu.graph.dim import Dim
from cornu.graph.dtypes import dtype_name, is_float, is_integer, numpy_dtype, standard_name
from cornu.graph.kerastensor import KerasTensor, SymbolicNode
from cornu.graph.names import auto_name
from cornu.graph.primitive import HANDLERS, PRIMITIVES
from cornu.graph.spec import Spec, spec_of
from cornu.graph.trace import Trace, Tracer, open_trace
from cornu.ops.promotion import inexact, join
from cornu.primitives import elementwise, shape  # noqa: F401  # they fill PRIMITIVES

__all__ = [
    "OPS",
    "ArrayLike",
    "OpRecord",
    "Tensor",
    "as_tensor",
    "contains_symbolic",
    "dtype_of",
    "op",
    "promote",
    "promote_inexact",
    "record_call",
    "symbolic_values",
    "to_dtype",
]

# What the running backend has: cornu.Array, jax.Array, torch.Tensor, a tracer or a KerasTensor.
Tensor = Any

# What an op takes as an operand: a Tensor, a Variable, an ndarray, a number, nested lists of them.
ArrayLike = Any

P = ParamSpec("P")
R = TypeVar("R")

OPS: dict[str, Callable[..., Any]] = {}  # name -> op, for files, NumPy's protocols and tests

# Set while a Function runs: gives the value of a KerasTensor of that model, or None.
symbolic_values: ContextVar[Callable[[KerasTensor], Any] | None] = ContextVar(
    "symbolic_values", default=None
)


class OpRecord:
    """The call of an op on KerasTensors, as the operation of a node.

    Args:
        function: The op.
        name: Its name; by default an automatic one, such as `add_1`.
    """

    __slots__ = ("__dict__", "__weakref__", "_inbound_nodes", "name", "op")

    def __init__(self, function: Callable[..., Any], name: str | None = None) -> None:
        self.op = function
        if name is None:
            own = function.__name__
            name = auto_name(_NODE_NAMES.get(own, own))
        self.name = name
        self._inbound_nodes: list[SymbolicNode] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the op."""
        return self.op(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<op {self.op.__name__}, name={self.name}>"


# Ops whose nodes have another name in Keras, after the class that stands for them in files.
_NODE_NAMES = {
    "abs": "absolute",
    "allclose": "all_close",
    "batch_normalization": "batch_norm",
    "cdist": "c_dist",
    "conj": "conjugate",
    "hard_swish": "hard_silu",
    "isin": "is_in",
    "layer_normalization": "layer_norm",
    "rms_normalization": "rms_norm",
    "searchsorted": "search_sorted",
    "swish": "silu",
}


def op(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function on arrays an op. Its body promotes its operands in the first line."""
    name = function.__name__

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        for a in args:
            cls = a.__class__
            if cls is KerasTensor or (cls in _NESTS and contains_symbolic(a)):
                return _record(call, args, kwargs)
        if kwargs:
            for a in kwargs.values():
                cls = a.__class__
                if cls is KerasTensor or (cls in _NESTS and contains_symbolic(a)):
                    return _record(call, args, kwargs)
        backend = active() or current(f"ops.{name}")
        fast = backend.fast.get(name)
        if fast is not None and not _has_tracer(args) and not _has_tracer(kwargs.values()):
            result = fast(*args, **kwargs)
            if result is not NotImplemented:
                return result
        return _wrapped(function(*args, **kwargs))

    OPS[name] = call
    return call


_NESTS: frozenset[type] = frozenset((list, tuple, dict))


def contains_symbolic(x: Any) -> bool:
    """Say whether there is a KerasTensor in a nested structure of lists, tuples and dicts."""
    cls = x.__class__
    if cls is KerasTensor:
        return True
    if cls is dict:
        return any(map(contains_symbolic, x.values()))
    return isinstance(x, (list, tuple)) and any(map(contains_symbolic, x))


def _has_tracer(values: Any) -> bool:
    return any(v.__class__ is Tracer or (v.__class__ in _NESTS and _has_tracer(v)) for v in values)


def _wrapped(result: Any) -> Any:
    cls = result.__class__
    if cls is np.ndarray:
        return as_array(result)
    if cls is tuple or cls is list:
        return cls(map(_wrapped, result))
    return result


# Symbolic calls


def map_tensors(function: Callable[[Any], Any], x: Any) -> Any:
    """Apply a function to the KerasTensors and tracers of a nested structure."""
    cls = x.__class__
    if cls is KerasTensor or cls is Tracer:
        return function(x)
    if cls is dict:
        return {k: map_tensors(function, v) for k, v in x.items()}
    if cls is list or cls is tuple:
        return cls(map_tensors(function, v) for v in x)
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return cls(*(map_tensors(function, v) for v in x))
    return x


def _record(call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    resolve = symbolic_values.get()
    if resolve is not None:
        # A model is running and the body closes over a KerasTensor: it means this run's value.
        missing: list[KerasTensor] = []

        def value(t: Any) -> Any:
            found = resolve(t) if t.__class__ is KerasTensor else t
            if found is None:
                missing.append(t)
            return found

        known = map_tensors(value, args), map_tensors(value, kwargs)
        if not missing:
            return call(*known[0], **known[1])
    return record_call(OpRecord(call), args, kwargs)


def record_call(record: OpRecord, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Record one call of an op as a node of `record`; return KerasTensors of its results."""
    function = getattr(record.op, "__wrapped__", record.op)
    inputs: list[KerasTensor] = []
    outputs: list[KerasTensor] = []
    with open_trace(Trace()) as trace:

        def enter(t: Any) -> Any:
            if t.__class__ is not KerasTensor:
                return t
            inputs.append(t)
            return trace.input(t._cornu_spec)

        result = function(*map_tensors(enter, args), **map_tensors(enter, kwargs))

    def leave(t: Any) -> Any:
        outputs.append(symbolic(t._cornu_spec))
        return outputs[-1]

    result = map_tensors(leave, _traced(trace, result))
    SymbolicNode(record, args, kwargs, inputs, outputs)
    return result


def _traced(trace: Trace, result: Any) -> Any:
    """Lift a result that doesn't depend on the inputs, so that it too is symbolic."""
    if result.__class__ in (list, tuple):
        return result.__class__(_traced(trace, r) for r in result)
    if isinstance(result, (np.ndarray, np.generic)) or _is_foreign(result):
        return trace.lift(result)
    return result


def _is_foreign(x: Any) -> bool:
    handler = HANDLERS[x.__class__]
    return handler is not None and handler.rank == 1


def symbolic(spec: Spec) -> KerasTensor:
    """Return a new KerasTensor of this Spec; its unknown dimensions stay the same symbols."""
    return KerasTensor(spec.shape, spec.dtype)


# Operands


def dtype_of(x: Any) -> str:
    """Return the canonical name of a value's dtype."""
    spec = getattr(x, "_cornu_spec", None)
    if spec is not None:
        found: str = spec.dtype
        return found
    return dtype_name(x.dtype)


def as_tensor(x: Any, dtype: str | None = None) -> Tensor:
    """Return a value that primitives take, by the rules for users' data.

    Arrays of ours, tracers and foreign tensors stay what they are, a Variable is read. Plain
    ndarrays and Python data of 64 bits take `floatx` and int32; an explicit `dtype` is kept.

    Raises:
        DtypeError: If an int64 value does not fit into int32, or there is no such array.
    """
    cls = x.__class__
    if cls is Array or cls is Tracer:
        return x if dtype is None else to_dtype(x, dtype)
    handler = HANDLERS[cls]
    if handler is not None:
        return x if dtype is None else to_dtype(x, dtype)
    read = getattr(x, "_cornu_read", None)
    if read is not None:
        value = read()
        return value if dtype is None else to_dtype(value, dtype)
    if cls is Dim:  # a size that is not known yet, from `ops.shape`: the trace records it
        return PRIMITIVES["full"](shape=(), value=x, dtype=dtype or "int32")
    backend = current()
    if dtype is not None and not isinstance(x, (np.ndarray, np.generic)):
        if contains_traced(x):
            return to_dtype(_stack(x), dtype)
        return backend.wrap(backend.to_native(np.asarray(_plain(x), numpy_dtype(dtype))))
    if isinstance(x, (list, tuple)) and contains_traced(x):
        return _stack(x)
    try:
        array = np.asarray(_plain(x))
    except ValueError as error:
        if "inhomogeneous" not in str(error):
            raise
        raise ShapeError(
            "convert_to_tensor",
            "lists can become an array only if those inside of one have equal lengths",
            fix="`utils.pad_sequences` makes sequences equally long.",
            value=x,
        ) from None
    name = dtype_name(array.dtype)
    if dtype is None:
        dtype = plain_dtype(name, array)
    if name != dtype:
        array = array.astype(numpy_dtype(dtype))
    return backend.wrap(backend.to_native(array))


def plain_dtype(name: str, array: np.ndarray[Any, Any]) -> str:
    """Return the dtype that plain data of dtype `name` takes."""
    if name == "float64":
        return settings.floatx()
    if name == "int64":
        if array.size and (array.max() > 2147483647 or array.min() < -2147483648):
            raise DtypeError(
                "convert_to_tensor",
                "a 64-bit integer doesn't fit into int32, which plain integers become",
                value=array,
                fix='Say `ops.convert_to_tensor(x, dtype="int64")` to keep 64 bits.',
            )
        return "int32"
    if name == "string" or array.dtype == object:
        text = "`layers.StringLookup` or `layers.TextVectorization` make numbers of text."
        raise DtypeError(
            "convert_to_tensor",
            "this is no array of numbers",
            fix=text if name == "string" and array.dtype != object else None,
            value=array,
        )
    return name


def _plain(x: Any) -> Any:
    """Return nested lists with Variables and foreign tensors read."""
    if isinstance(x, (list, tuple)):
        return [_plain(e) for e in x]
    read = getattr(x, "_cornu_read", None)
    if read is not None:
        x = read()
    return current().to_numpy(x) if _is_foreign(x) else x


def contains_traced(x: Any) -> bool:
    """Say whether a nested list holds a traced or foreign value, so that NumPy can't stack it."""
    if isinstance(x, (list, tuple)):
        return any(map(contains_traced, x))
    if x.__class__ is Array:
        return False
    if hasattr(x, "_cornu_read"):
        return True
    handler = HANDLERS[x.__class__]
    return handler is not None


def _stack(x: Any) -> Any:
    if isinstance(x, (list, tuple)):
        items = promote(*[_stack(e) for e in x])
        reshape, concatenate = PRIMITIVES["reshape"], PRIMITIVES["concatenate"]
        rows = [reshape(i, shape=(1, *spec_of(i).shape)) for i in items]
        return concatenate(*rows, axis=0)
    return x


def to_dtype(x: Any, dtype: str) -> Tensor:
    """Cast a value that primitives take, if its dtype differs."""
    return x if dtype_of(x) == dtype else PRIMITIVES["cast"](x, dtype=dtype)


def promote(*operands: Any) -> Any:
    """Return the operands as values of one dtype, by Keras' lattice; None passes through.

    Python's numbers are weak: they take the dtype of the others if that can hold their kind.
    """
    return _promote(operands, False)


def promote_inexact(*operands: Any) -> Any:
    """Return the operands as values of one floating dtype: integers become `floatx`."""
    return _promote(operands, True)


def _promote(operands: Sequence[Any], floating: bool) -> Any:
    first = operands[0]
    if first.__class__ is Tracer:  # the common cases at no cost: values of one floating dtype
        own = first._cornu_spec.dtype
        if is_float(own) and all(
            o.__class__ is Tracer and o._cornu_spec.dtype == own for o in operands
        ):
            return operands if len(operands) > 1 else first
    elif first.__class__ is Array:
        dtype = first.dtype
        if dtype.kind == "f" and all(o.__class__ is Array and o.dtype == dtype for o in operands):
            return operands if len(operands) > 1 else first
    names: list[str | None] = []
    values: list[Any] = []
    for x in operands:
        cls = x.__class__
        if x is None:
            names.append(None)
        elif cls is float:
            names.append("float")
        elif cls is int:
            names.append("int")
        elif cls is bool:
            names.append("bool")
        else:
            x = as_tensor(x)
            names.append(dtype_of(x))
        values.append(x)
    known = [n for n in names if n is not None]
    if not known:
        return operands if len(operands) > 1 else first
    result = functools.reduce(join, known)
    if floating:
        result = inexact(result)
    if result == "float":
        result = settings.floatx()
    elif result == "int":
        result = "int32"
    converted = []
    for x, name in zip(values, names, strict=True):
        if name is None or name == result:
            converted.append(_scalar(x, result) if x.__class__ is bool else x)
        elif x.__class__ in (int, float, bool):
            converted.append(_scalar(x, result))
        else:
            converted.append(PRIMITIVES["cast"](x, dtype=result))
    return tuple(converted) if len(converted) > 1 else converted[0]


@functools.lru_cache(1024)
def _host_scalar(x: float, kind: str, dtype: str) -> Array:
    """Return a scalar as an Array; the same ones come again and again."""
    return as_array(np.asarray(x, numpy_dtype(dtype)))


def _scalar(x: float, dtype: str) -> Tensor:
    if is_integer(dtype) and isinstance(x, int):
        limits = np.iinfo(numpy_dtype(dtype))
        if not limits.min <= x <= limits.max:
            raise ArgumentError("promotion", f"{x} doesn't fit into {dtype}", value=x)
    value = _host_scalar(x, x.__class__.__name__, dtype)
    backend = current()
    return value if backend.traces else backend.to_native(value)


def check_dtype(dtype: Any) -> str | None:
    """Return the canonical name of a `dtype=` argument; None stays None."""
    return None if dtype is None else standard_name(dtype)


def needs_float(name: str, dtype: str) -> None:
    """Raise unless a dtype is floating.

    Raises:
        DtypeError: Naming the op.
    """
    if not is_float(dtype):
        raise DtypeError(name, f"needs a floating dtype, not {dtype}")
