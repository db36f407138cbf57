"""`Variable`: the one kind of state. Weights, optimizer slots, metrics, seeds are Variables."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from cornu.backends import current
from cornu.errors import ArgumentError, ShapeError, StateError
from cornu.graph import effects
from cornu.graph.dim import Dim
from cornu.graph.dtypes import is_float, numpy_dtype, standard_name
from cornu.graph.names import auto_name
from cornu.graph.operators import OPERATORS, Operators
from cornu.graph.outside import outside
from cornu.graph.spec import Spec, shape_of
from cornu.graph.trace import Tracer, layer_path
from cornu.ops.op import as_tensor, dtype_of, to_dtype
from cornu.state.frozen_draws import drawing_for_good
from cornu.state.names import current_path

__all__ = ["AutocastScope", "Variable", "autocast_dtype", "creation_guard", "find_initializer"]

_AGGREGATIONS = ("none", "mean", "sum", "only_first_replica", None)

# In which dtype floating variables are read inside a layer's call; None: in their own.
autocast_dtype: ContextVar[str | None] = ContextVar("autocast_dtype", default=None)

# Set while a file is read: called with shape and dtype of each variable before it takes memory.
creation_guard: ContextVar[Callable[[tuple[int, ...], str], None] | None] = ContextVar(
    "creation_guard", default=None
)


@contextlib.contextmanager
def AutocastScope(dtype: str | None) -> Iterator[None]:  # the API's name
    """Read floating variables in `dtype` inside the block; None: in their own dtype."""
    name = None if dtype is None else standard_name(dtype)
    token = autocast_dtype.set(name if name is not None and is_float(name) else None)
    try:
        yield
    finally:
        autocast_dtype.reset(token)


class _Finder:
    """How a name such as "zeros" becomes an initializer: `initializers`, which lies above, says."""

    find: Callable[[Any], Any] = staticmethod(lambda identifier: identifier)


def find_initializer(find: Callable[[Any], Any]) -> None:
    """Say how names of initializers are found."""
    _Finder.find = staticmethod(find)


class Variable(Operators):
    """A value that can be replaced: a weight, a counter, the state of a metric.

    It owns its buffer. `value` is a snapshot: a later `assign` or training step doesn't change it.
    Inside `grad`, `cond`, `scan`, `jit` and a compiled step, `assign` acts on the value as seen
    there, and for good once the transform or step is finished.

    Args:
        initializer: A value, or a callable `(shape, dtype) -> value`, or an initializer's name.
        shape: Shape, needed with a callable.
        dtype: Name of the dtype; by default that of the value, or `floatx`.
        trainable: Whether optimizers should change it.
        autocast: Whether a layer that computes in 16 bits reads it in 16 bits.
        aggregation: How replicas of a distributed run are joined: "none", "mean", "sum" or
            "only_first_replica".
        synchronization: Kept for the API.
        name: Its name, by default `variable` with a number.
        layout: How it is laid out over devices.
        **kwargs: None.

    Raises:
        ValueError: For a shape with unknown sizes, or a name with "/".
        RuntimeError: For a value that is being traced.

    Example:
        >>> v = Variable([1.0, 2.0])
        >>> v.assign_add([1.0, 1.0])
        >>> v.numpy().tolist()
        [2.0, 3.0]
    """

    def __init__(
        self,
        initializer: Any,
        shape: Sequence[int] | None = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str | None = "none",
        synchronization: str = "auto",
        name: str | None = None,
        layout: Any = None,
        **kwargs: Any,
    ) -> None:
        if kwargs:
            raise ArgumentError("Variable", f"there is no argument {next(iter(kwargs))!r}")
        name = name or auto_name(type(self).__name__)
        if not isinstance(name, str) or "/" in name:
            raise ArgumentError("Variable", "the name must be a string without '/'", name=name)
        if aggregation not in _AGGREGATIONS:
            raise ArgumentError(
                "Variable", f"aggregation must be one of {_AGGREGATIONS}", aggregation=aggregation
            )
        self.name = name
        path = current_path()
        self.path = f"{path}/{name}" if path else name
        self._trainable = bool(trainable)
        self._autocast = bool(autocast)
        self._aggregation = aggregation
        self._synchronization = synchronization
        self._regularizer: Any = None
        self._constraint: Any = None
        self._overwrite_with_gradient = False
        self._layout = layout
        value = self._initial_value(initializer, shape, dtype)
        self._cornu_spec = Spec(value.shape, standard_name(value.dtype))
        self._cornu_storage = current("Variable").make_storage(value, self._trainable)

    def _initial_value(self, initializer: Any, shape: Any, dtype: Any) -> np.ndarray[Any, Any]:
        backend = current("Variable")
        if isinstance(initializer, str):
            initializer = _Finder.find(initializer)
        if callable(initializer) and not hasattr(initializer, "_cornu_spec"):
            if shape is None:
                raise ArgumentError("Variable", "an initializer needs a shape", name=self.name)
            sizes = tuple(shape)
            if any(d is None or isinstance(d, Dim) for d in sizes):
                raise ShapeError(
                    "Variable", f"the shape of {self.name!r} must be known", shape=tuple(sizes)
                )
            from_float = "float32" if dtype is None else standard_name(dtype)
            guard = creation_guard.get()
            if guard is not None:
                guard(tuple(map(int, sizes)), from_float)
            with drawing_for_good(), outside(), backend.concretely():
                value = initializer(tuple(map(int, sizes)), dtype=from_float)
                array = backend.to_numpy(value) if not isinstance(value, np.ndarray) else value
            found: np.ndarray[Any, Any] = np.asarray(array).astype(
                numpy_dtype(from_float), copy=False
            )
            if found.shape != sizes:
                raise ShapeError(
                    "Variable",
                    f"the initializer of {self.name!r} returned another shape",
                    asked=tuple(sizes),
                    returned=found,
                )
            return found
        if (isinstance(initializer, Tracer) and initializer.value is None) or (
            backend.is_native(initializer) and not backend.is_concrete(initializer)
        ):
            raise StateError(
                "Variable",
                f"{self.name!r} can't begin with a value that is being traced",
                fix="Create it in `build()` or `__init__`, then `assign` inside `call`.",
            )
        with outside(), backend.concretely():
            value = as_tensor(initializer, None if dtype is None else standard_name(dtype))
            found = backend.to_numpy(
                getattr(value, "value", value) if isinstance(value, Tracer) else value
            )
        if shape is not None and tuple(shape) != found.shape:
            raise ShapeError(
                "Variable",
                f"the value of {self.name!r} hasn't the shape given",
                shape=tuple(shape),
                value=found,
            )
        return found

    # Cell: how scopes and compiled steps reach it.

    def _cornu_load(self) -> Any:
        return current().read(self._cornu_storage)

    def _cornu_store(self, value: Any) -> None:
        self._cornu_storage = current().write(self._cornu_storage, value)

    def _cornu_read(self) -> Any:
        """Return the value that ops compute with: as the scope sees it, autocast."""
        value = effects.read(self)
        if self._autocast:
            dtype = autocast_dtype.get()
            if (
                dtype is not None
                and dtype != self._cornu_spec.dtype
                and is_float(self._cornu_spec.dtype)
            ):
                value = to_dtype(current().wrap(value), dtype)
        return current().wrap(value)

    # Value

    @property
    def value(self) -> Any:
        """A read-only snapshot of the value."""
        value = self._cornu_read()
        # What a layer computes with in its call, a library's own gradients must reach.
        return value if layer_path.get() else current().snapshot(value)

    def numpy(self) -> np.ndarray[Any, Any]:
        """Return a writable copy as a plain ndarray."""
        value = effects.read(self)
        if isinstance(value, Tracer):
            return value.numpy()  # type: ignore[no-any-return]
        return current().to_numpy(value)

    def assign(self, value: Any) -> Any:
        """Replace the value.

        Args:
            value: Of equal shape; cast to the variable's dtype.

        Raises:
            ValueError: If the shape differs.
        """
        if value.__class__ in (np.ndarray, float, int) and not current().traces:
            # Cast and copied here: a library may share the memory, and the caller may write to it.
            value = np.array(value, numpy_dtype(self._cornu_spec.dtype))
        if effects.current_scope() is None:
            with current().concretely():  # it is for good, even if the library traces just now
                value = as_tensor(value)
        else:
            value = as_tensor(value)
        shape = shape_of(value)
        if shape != self._cornu_spec.shape:
            raise ShapeError(
                "Variable.assign",
                f"the value must have the shape of the variable {self.path!r}",
                variable=self._cornu_spec,
                value=Spec(shape, dtype_of(value)),
            )
        value = to_dtype(value, self._cornu_spec.dtype)
        if effects.current_scope() is None:
            self._cornu_store(
                current().to_native(value) if isinstance(value, np.ndarray) else value
            )
            return None
        effects.write(self, value)
        return None

    def assign_add(self, value: Any) -> Any:
        """Add to the value."""
        with AutocastScope(None):
            return self.assign(OPERATORS["add"](self.value, value))

    def assign_sub(self, value: Any) -> Any:
        """Subtract from the value."""
        with AutocastScope(None):
            return self.assign(OPERATORS["subtract"](self.value, value))

    # Description

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape."""
        return self._cornu_spec.shape  # type: ignore[return-value]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._cornu_spec.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def dtype(self) -> str:
        """The dtype; inside a layer that computes in 16 bits, the one in which it is read."""
        own = self._cornu_spec.dtype
        cast = autocast_dtype.get() if self._autocast else None
        return cast if cast is not None and is_float(own) else own

    @property
    def trainable(self) -> bool:
        """Whether optimizers should change it."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        current().set_trainable(self._cornu_storage, self._trainable)

    @property
    def aggregation(self) -> str | None:
        """How replicas of a distributed run are joined."""
        return self._aggregation

    @property
    def synchronization(self) -> str:
        """Kept for the API."""
        return self._synchronization

    @property
    def overwrite_with_gradient(self) -> bool:
        """Whether an optimizer should replace it by its gradient."""
        return self._overwrite_with_gradient

    @overwrite_with_gradient.setter
    def overwrite_with_gradient(self, value: bool) -> None:
        if not isinstance(value, bool):
            raise TypeError(f"overwrite_with_gradient must be a boolean, not {value!r}.")
        self._overwrite_with_gradient = value

    @property
    def regularizer(self) -> Any:
        """A function from the value to a penalty, or None."""
        return self._regularizer

    @regularizer.setter
    def regularizer(self, value: Any) -> None:
        if value is not None and not callable(value):
            raise ArgumentError("Variable", "a regularizer must be callable", regularizer=value)
        self._regularizer = value

    @property
    def constraint(self) -> Any:
        """A function from a new value to the allowed one, or None."""
        return self._constraint

    @constraint.setter
    def constraint(self, value: Any) -> None:
        if value is not None and not callable(value):
            raise ArgumentError("Variable", "a constraint must be callable", constraint=value)
        self._constraint = value

    # As a Python object

    __hash__ = object.__hash__  # by identity; `==` is element-wise

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return self.numpy() if dtype is None else self.numpy().astype(dtype)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __index__(self) -> int:
        return int(self.value)

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __getstate__(self) -> dict[str, Any]:
        state = {k: v for k, v in self.__dict__.items() if k != "_cornu_storage"}
        return {**state, "value": self.numpy()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        value = state.pop("value")
        self.__dict__.update(state)
        self._cornu_storage = current("Variable").make_storage(value, self._trainable)

    def __repr__(self) -> str:
        value = effects.read(self)
        shown = "" if isinstance(value, Tracer) else f", value={current().to_numpy(value)}"
        dtype = self._cornu_spec.dtype
        return f"<Variable path={self.path}, shape={self.shape}, dtype={dtype}{shown}>"
