"""What a row is: the dataclasses, and short words for the arrays in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Keras: TypeAlias = Any  # the module that plays Keras: it has no static type by design
Kind = Literal[
    "normal",
    "eighths",
    "positive",
    "unit",
    "whole",
    "one_hot",
    "distribution",
    "sign",
    "mask",
    "padded",
]


@dataclass(frozen=True)
class Array:
    """An array to draw: its shape, dtype, and from what.

    Kinds: `normal` (standard normal), `eighths` (multiples of 1/8 from -1 to 7/8: exact in every
    float, small when compressed), `positive` (0.1 to 2), `unit` (0 to 1), `whole` (integers,
    `low <= v < high`), `one_hot` and `distribution` (along the last axis), `sign` (-1 or 1),
    `mask` (booleans, at least one true per row), `padded` (booleans, true first: right padding).
    """

    shape: tuple[int, ...]
    dtype: str = "float32"
    kind: Kind = "normal"
    low: int = 0
    high: int = 2


Argument: TypeAlias = "Array | list[Argument] | dict[str, Argument]"


def real(*shape: int, dtype: str = "float32") -> Array:
    """Standard normal numbers."""
    return Array(shape, dtype)


def eighths(*shape: int) -> Array:
    """Multiples of 1/8, from -1 to 7/8."""
    return Array(shape, kind="eighths")


def positive(*shape: int) -> Array:
    """Numbers from 0.1 to 2."""
    return Array(shape, kind="positive")


def unit(*shape: int) -> Array:
    """Numbers from 0 to 1, as probabilities that need not add up."""
    return Array(shape, kind="unit")


def whole(high: int, *shape: int, low: int = 0, dtype: str = "int32") -> Array:
    """Integers, `low <= v < high`."""
    return Array(shape, dtype, "whole", low, high)


def bits(*shape: int) -> Array:
    """Zeros and ones as floats, as the labels of binary classification."""
    return Array(shape, "float32", "whole", 0, 2)


def one_hot(*shape: int) -> Array:
    """One 1 per last axis, zeros else."""
    return Array(shape, kind="one_hot")


def distribution(*shape: int) -> Array:
    """Positive numbers that add up to one along the last axis."""
    return Array(shape, kind="distribution")


def sign(*shape: int) -> Array:
    """Minus one or one."""
    return Array(shape, kind="sign")


def mask(*shape: int) -> Array:
    """Booleans in any order."""
    return Array(shape, "bool", "mask")


def padded(*shape: int) -> Array:
    """Booleans, true up to a length per row and false after it."""
    return Array(shape, "bool", "padded")


@dataclass(frozen=True, kw_only=True)
class Case:
    """What all rows have: a name unique in its kind, the maker, the name of a tolerance."""

    name: str
    make: Callable[[Keras], Any]
    tolerance: str = "elementwise"

    def __str__(self) -> str:
        """Return the name, so that a test's id reads well."""
        return self.name


@dataclass(frozen=True, kw_only=True)
class LayerCase(Case):
    """A layer, the arrays it is called with, and how.

    Attributes:
        inputs: Positional arguments; a list stands for a list of tensors.
        arrays: Arguments by keyword that are arrays, such as `mask` or `initial_state`.
        call: Arguments by keyword that are not, such as `training`.
        masks: Masks which the inputs carry as if a layer before had set them; `None` for none.
        deterministic: False if outputs depend on random numbers; then none are recorded.
        symbolic: False if the layer can't be called on symbolic tensors as the row stands.
    """

    inputs: tuple[Argument, ...]
    arrays: Mapping[str, Argument] = field(default_factory=dict)
    call: Mapping[str, Any] = field(default_factory=dict)
    masks: tuple[Argument | None, ...] = ()
    deterministic: bool = True
    symbolic: bool = True


@dataclass(frozen=True, kw_only=True)
class LossCase(Case):
    """A loss, as a class or a function, and its arrays.

    Attributes:
        weight: `sample_weight`, or `None`.
        mask: The mask that `y_pred` carries, or `None`.
        differentiable: False if the gradient towards `y_pred` has no meaning.
    """

    y_true: Array
    y_pred: Array
    weight: Array | None = None
    mask: Array | None = None
    differentiable: bool = True
    tolerance: str = "reduction"


@dataclass(frozen=True, kw_only=True)
class MetricCase(Case):
    """A metric and the arguments of each of its updates, drawn anew every time.

    Attributes:
        arguments: Positional arguments of `update_state`.
        weight: `sample_weight`, or `None`.
        updates: How often the metric is updated; its result is recorded after each.
    """

    arguments: tuple[Array, ...]
    weight: Array | None = None
    updates: int = 3
    tolerance: str = "reduction"


@dataclass(frozen=True, kw_only=True)
class OptimizerCase(Case):
    """An optimizer that takes some steps on fixed gradients.

    Attributes:
        variables: Name and shape of each variable, in order.
        steps: Number of updates; the variables are recorded after each.
        scale: Factor on the gradients (standard normal else).
        overflow: Steps whose first gradient holds an infinity, for loss scaling.
    """

    variables: tuple[tuple[str, tuple[int, ...]], ...] = (("kernel", (3, 4)), ("bias", (4,)))
    steps: int = 8
    scale: float = 1.0
    overflow: tuple[int, ...] = ()
    tolerance: str = "training"


@dataclass(frozen=True, kw_only=True)
class ScheduleCase(Case):
    """A learning rate schedule and the steps at which it is asked."""

    steps: tuple[int, ...] = (0, 1, 2, 5, 9, 10, 11, 19, 20, 21, 35, 50, 100, 1000)
    tolerance: str = "transcendental"


@dataclass(frozen=True, kw_only=True)
class FunctionCase(Case):
    """An activation, regularizer or constraint: a callable on one array.

    Attributes:
        inputs: The arguments.
        differentiable: False if its gradient is not recorded.
    """

    inputs: tuple[Array, ...]
    differentiable: bool = True


@dataclass(frozen=True, kw_only=True)
class InitializerCase(Case):
    """An initializer, and the shape it fills; values are recorded for the constant ones alone."""

    shape: tuple[int, ...] = (3, 4)
    dtype: str | None = None
    random: bool = True
    tolerance: str = "elementwise"


@dataclass(frozen=True, kw_only=True)
class ModelCase(Case):
    """A compiled model, its data, and how `fit` is called; `shuffle` is always off.

    Attributes:
        make: Returns a built and compiled model.
        x: Inputs.
        y: Targets.
        sample_weight: Weights of samples, or `None`.
        class_weight: Weight by class, or `None`.
        validation: Inputs and targets of validation data, or `None`.
        options: Further arguments of `fit`.
        saved: True if files of the trained model are recorded.
    """

    x: Argument
    y: Argument
    sample_weight: Argument | None = None
    class_weight: Mapping[int, float] | None = None
    validation: tuple[Argument, Argument] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    saved: bool = False
    tolerance: str = "training"


def layer(name: str, make: Callable[[Keras], Any], *inputs: Argument, **options: Any) -> LayerCase:
    """Return a `LayerCase`; the short form in which the files of `layers/` are written."""
    return LayerCase(name=name, make=make, inputs=inputs, **options)
