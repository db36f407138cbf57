"""What a backend offers. Nothing above `backends` may ask for more."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from time import perf_counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from cornu.graph.effects import Cell
from cornu.graph.primitive import Primitive
from cornu.graph.spec import Spec

if TYPE_CHECKING:
    from cornu.graph.timing import Measured

__all__ = ["Backend", "Batches", "Compiled", "Function", "Rows"]

# A function of flat lists: what is compiled. It may read and write cells.
Function = Callable[[list[Any]], Sequence[Any]]


class Rows:
    """Batches that are rows of arrays, so that whoever can may fetch them without Python.

    Args:
        arrays: One for each argument, row-major; samples along the first axis; of the caller's own
            dtypes, which a batch may have to be cast from.
        order: int64 numbers of the rows of one batch after the other.
        size: Rows of a batch.

    Attributes:
        steps: Whole batches that there are.
    """

    __slots__ = ("arrays", "order", "size", "steps")

    def __init__(
        self,
        arrays: Sequence[np.ndarray[Any, Any]],
        order: np.ndarray[Any, np.dtype[np.int64]],
        size: int,
    ) -> None:
        self.arrays = arrays
        self.order = order
        self.size = size
        self.steps = len(order) // size


class Batches(Iterator[Sequence[Any]]):
    """Arguments of one step after the other, which may be known as rows of arrays."""

    def rows(self) -> Rows | None:
        """Return the batches still to come as rows, or None where they are none."""
        return None

    def skip(self, steps: int) -> None:
        """Go on behind that many of the batches that `rows` gave: somebody fetched them."""
        raise NotImplementedError


class Compiled(ABC):
    """A function compiled for one signature, and the state that it reads and writes.

    Calling it commits what the function wrote to the cells, all at once, after everything has been
    computed: an error on the way leaves them as they were.
    """

    @abstractmethod
    def __call__(self, args: Sequence[Any]) -> list[Any]:
        """Run on tensors or ndarrays of the signature; return the outputs as backend tensors."""

    def run(self, batches: Iterator[Sequence[Any]], budget: float) -> tuple[int, list[Any]]:
        """Run step after step until the batches end or the budget is spent.

        Args:
            batches: Arguments of one step after the other; `Batches` if they may be rows of arrays.
            budget: Seconds; the first step that ends beyond is the last one.

        Returns:
            How many steps were done, and the outputs of the last (an empty list if none was).
        """
        done, outputs = 0, []
        limit = perf_counter() + budget
        for args in batches:
            outputs = self(args)
            done += 1
            if perf_counter() >= limit:
                break
        return done, outputs

    def profile(self, args: Sequence[Any]) -> Measured | None:
        """Time every instruction on copies of the state; None where a backend can't look inside."""
        return None

    def describe(self) -> str | None:
        """Return what runs, as text for people; None where a backend can't look inside."""
        return None


class Backend(ABC):
    """One way to run primitives.

    Attributes:
        name: Its name, that of its folder.
        traces: Whether `compile` and `value_and_grad` work on cornu's own traces (graph family).
        layer_base: What `Layer` derives from besides its own bases.
        tensor: The type of its tensors.
        fast: Fast paths: name of an op to a function of the same signature on backend tensors.
    """

    name: str
    traces: bool
    layer_base: type = object
    tensor: type
    fast: Mapping[str, Callable[..., Any]] = MappingProxyType({})

    @abstractmethod
    def run(self, primitive: Primitive, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
        """Run a primitive on tensors, ndarrays and Python scalars; a tuple if it is `multiple`."""

    # Values

    @abstractmethod
    def to_native(self, x: Any, dtype: str | None = None) -> Any:
        """Return anything array-like as a tensor of the backend, cast if `dtype` is given."""

    @abstractmethod
    def to_numpy(self, x: Any) -> np.ndarray[Any, Any]:
        """Return a tensor as a plain, writable ndarray."""

    @abstractmethod
    def is_native(self, x: Any) -> bool:
        """Say whether `x` is a tensor of the backend."""

    def is_concrete(self, x: Any) -> bool:
        """Say whether the tensor's values are known now, not only while the library traces."""
        return True

    def wrap(self, x: Any) -> Any:
        """Return a result as users see it (`Array` on graph backends)."""
        return x

    # State

    @abstractmethod
    def make_storage(self, value: np.ndarray[Any, Any], trainable: bool) -> Any:
        """Return what a Variable owns, holding a copy of `value`."""

    def read(self, storage: Any) -> Any:
        """Return the storage's tensor; it is not changed by a later `write`."""
        return storage

    def write(self, storage: Any, value: Any) -> Any:
        """Return the storage that holds `value` (a tensor of equal shape and dtype) from now on."""
        return value

    def snapshot(self, value: Any) -> Any:
        """Return a value that was read as a user may keep it, apart from the storage."""
        return value

    def set_trainable(self, storage: Any, trainable: bool) -> None:
        """Note that what owns the storage is, or is not, to be trained from now on."""
        return  # only a library with a flag of its own needs to know

    # Transforms

    @abstractmethod
    def value_and_grad(
        self, f: Callable[[list[Any]], tuple[Any, list[Any]]], values: Sequence[Any]
    ) -> tuple[Any, list[Any], list[Any]]:
        """Differentiate.

        Args:
            f: Takes the values as a list; returns a scalar and a list of further values. Free of
                effects: whoever calls this has put them among the further values.
            values: Floating tensors (or tracers) to differentiate with respect to.

        Returns:
            The scalar, the further values, and one gradient for each value; None where the scalar
            doesn't depend on it, as far as the library can tell (zeros where it can't).
        """

    @abstractmethod
    def compile(self, f: Function, specs: Sequence[Spec], cells: Sequence[Cell] = ()) -> Compiled:
        """Compile for one signature.

        Args:
            f: Takes a list of tensors as in `specs`, returns a list of tensors; it may read and
                write cells through `graph.effects`.
            specs: Shapes and dtypes of the arguments.
            cells: Cells that are likely to be read or written: a hint that may save a second trace.
        """

    def concretely(self) -> AbstractContextManager[Any]:
        """Return a context in which the library computes values even while it traces."""
        return nullcontext()

    def untracked(self) -> AbstractContextManager[Any]:
        """Return a context in which the library notes nothing for gradients of its own."""
        return nullcontext()

    def checkpoint(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """Return `f` so that a gradient recomputes its inside instead of keeping it."""
        return f

    def distribute(self, value: Any, layout: Any) -> Any:
        """Return the tensor laid out over devices."""
        from_layout = getattr(layout, "device_mesh", None)
        if from_layout is not None:
            raise NotImplementedError(f"The {self.name} backend runs on one device.")
        return value

    def devices(self) -> list[str]:
        """Return names of the devices, such as "cpu:0"."""
        return ["cpu:0"]
