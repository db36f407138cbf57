"""Read what was recorded of real Keras 3.15.1. This is what tests import; it needs NumPy only.

Each function takes a row of `tests/cases`:

    from tests.cases import layers
    from tests.oracle import read

    for case in layers.CASES:
        layer = case.make(cornu)
        assert layer.get_config() ... read.structure(case).config
        recorded = read.layer(case)
        outputs = layer(*recorded.args, **recorded.arrays, **case.call)

Arrays come as plain ndarrays; bfloat16 was recorded as float32, `structure(case)` has the dtypes.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.cases.case import (
    Case,
    FunctionCase,
    InitializerCase,
    LayerCase,
    LossCase,
    MetricCase,
    ModelCase,
    OptimizerCase,
    ScheduleCase,
)
from tests.cases.every import EVERY

FOLDER = Path(__file__).parent
Nest = Any  # an ndarray, or a list or dict of nests


@dataclass(frozen=True)
class Weight:
    """A variable: its path, shape, dtype name, and whether it is trainable."""

    path: str
    shape: tuple[int, ...]
    dtype: str
    trainable: bool


@dataclass(frozen=True)
class Stored:
    """A dataset of a weight file: the inner path of its group, its key there, shape, dtype."""

    path: str
    key: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class Structure:
    """What is recorded of an object but for its numbers.

    Attributes:
        class_name: Name of the class; empty for a bound function.
        serialized: What `serialize_keras_object` gives: module, class_name, config, ...
        config: `get_config()` as JSON: tuples are lists.
        config_keys: Keys of `get_config()`, in order.
        build_config: `get_build_config()` as JSON, or `None`.
        variables: In the order of `.variables`.
        trainable_variables: In the order of `.trainable_variables`.
        non_trainable_variables: In the order of `.non_trainable_variables`.
        weights: In the order of `.weights`.
        states: Of a stateful recurrent layer; Keras has them in none of the lists above.
        file: Datasets of the `.weights.h5` file of this object alone, sorted by path.
        outputs: Shape and dtype of each output, nested as the outputs.
        symbolic_outputs: The same for symbolic inputs of unknown batch size (`None` in shapes).
        raw: The whole recorded row.
    """

    class_name: str
    serialized: Any
    config: dict[str, Any]
    config_keys: tuple[str, ...]
    build_config: dict[str, Any] | None
    variables: tuple[Weight, ...]
    trainable_variables: tuple[Weight, ...]
    non_trainable_variables: tuple[Weight, ...]
    weights: tuple[Weight, ...]
    states: tuple[Weight, ...]
    file: tuple[Stored, ...]
    outputs: Any
    symbolic_outputs: Any
    raw: Mapping[str, Any]


@dataclass(frozen=True)
class Layer:
    """One call of a layer with the given weights.

    Attributes:
        args: Positional arguments.
        arrays: Arguments by keyword; give `case.call` too.
        masks: The mask each positional argument carries, or `None`.
        weights: Values of `layer.variables`, in order, before the call.
        states: Values of a stateful recurrent layer's states before the call, flat.
        states_after: The same after the call.
        outputs: Flat list; empty if the row is not deterministic.
        output_masks: The mask each flat output carries, or `None`.
        losses: Values of `layer.losses` after the call.
        after: Position in `layer.variables` -> value after the call, for all non-trainable ones.
        cotangents: By output; gradients are those of `sum(output * cotangent)` over all of them.
            `None` for outputs that are not floating.
        weight_gradients: By `layer.trainable_variables`, in order.
        args_gradients: Nested as `args`; `None` for what is not floating.
        arrays_gradients: The same for `arrays`.
    """

    args: tuple[Nest, ...]
    arrays: dict[str, Nest]
    masks: tuple[Nest, ...]
    weights: list[NDArray[Any]]
    states: list[NDArray[Any]]
    states_after: list[NDArray[Any]]
    outputs: list[NDArray[Any]]
    output_masks: list[NDArray[Any] | None]
    losses: list[NDArray[Any]]
    after: dict[int, NDArray[Any]]
    cotangents: list[NDArray[Any] | None]
    weight_gradients: list[NDArray[Any]]
    args_gradients: tuple[Nest, ...]
    arrays_gradients: dict[str, Nest]


@dataclass(frozen=True)
class Loss:
    """Arguments of a loss, its value, and the gradient of its sum towards `y_pred`."""

    y_true: NDArray[Any]
    y_pred: NDArray[Any]
    weight: NDArray[Any] | None
    mask: NDArray[Any] | None
    value: NDArray[Any]
    gradient: NDArray[Any] | None


@dataclass(frozen=True)
class Update:
    """One `update_state`, and the result after it."""

    arguments: tuple[NDArray[Any], ...]
    weight: NDArray[Any] | None
    result: NDArray[Any]


@dataclass(frozen=True)
class Metric:
    """The updates of a metric in order, and its variables at the end."""

    updates: tuple[Update, ...]
    variables: list[NDArray[Any]]


@dataclass(frozen=True)
class Optimizer:
    """The path of an optimizer.

    Attributes:
        initial: Each variable before the first step.
        gradients: Per variable: (steps, *shape).
        path: Per variable, its value after each step: (steps, *shape).
        slots: `optimizer.variables` after the last step, in order.
        finalized: Each variable after `finalize_variable_values`.
    """

    initial: list[NDArray[Any]]
    gradients: list[NDArray[Any]]
    path: list[NDArray[Any]]
    slots: list[NDArray[Any]]
    finalized: list[NDArray[Any]]


@dataclass(frozen=True)
class Schedule:
    """Steps, and the rate at each."""

    steps: NDArray[Any]
    rates: NDArray[Any]


@dataclass(frozen=True)
class Function:
    """Inputs and value of a callable, gradients of `sum(value * cotangent)` by input."""

    inputs: tuple[NDArray[Any], ...]
    value: NDArray[Any]
    cotangent: NDArray[Any] | None
    gradients: list[NDArray[Any]]


@dataclass(frozen=True)
class Model:
    """A training run.

    Attributes:
        x: Inputs.
        y: Targets.
        sample_weight: As `fit` takes it, or `None`.
        validation: Inputs and targets, or `None`.
        initial: `model.variables` before `fit`; assign them, as no seed is involved.
        final: `model.variables` after `fit`.
        optimizer: `optimizer.variables` after `fit`.
        predictions: `predict(x)` after `fit`.
        history: `history.history`: key -> value of each epoch; keys in order.
        evaluate: What `evaluate(x, y)` returns after `fit`.
        evaluate_dict: The same with `return_dict=True`.
        raw: The whole recorded row: config, variables, metrics_names, layouts of files, ...
    """

    x: Nest
    y: Nest
    sample_weight: Nest
    validation: tuple[Nest, Nest] | None
    initial: list[NDArray[Any]]
    final: list[NDArray[Any]]
    optimizer: list[NDArray[Any]]
    predictions: Nest
    history: dict[str, list[float]]
    evaluate: float | list[float]
    evaluate_dict: dict[str, float]
    raw: Mapping[str, Any]


def kind(case: Case) -> str:
    """Return the kind of a row: "layers", "losses", ... as the files in `tests/cases` are named."""
    return _kinds()[id(case)]


def structure(case: Case) -> Structure:
    """Return config, variables, file layout and output shapes of a row (not of a model)."""
    row = table("structure")[kind(case)][case.name]
    listed = tuple(_weight(v) for v in row.get("variables", ()))

    def some(key: str) -> tuple[Weight, ...]:
        return tuple(listed[i] for i in row.get(key, ()))

    serialized = row.get("serialized")
    return Structure(
        class_name=row.get("class", ""),
        serialized=serialized,
        config=serialized.get("config", {}) if isinstance(serialized, dict) else {},
        config_keys=tuple(row.get("config_keys", ())),
        build_config=row.get("build_config"),
        variables=listed,
        trainable_variables=some("trainable_variables"),
        non_trainable_variables=some("non_trainable_variables"),
        weights=some("weights"),
        states=tuple(_weight(v) for v in row.get("states", ())),
        file=tuple(Stored(p, k, tuple(s), d) for p, k, s, d in row.get("file", ())),
        outputs=row.get("outputs"),
        symbolic_outputs=row.get("symbolic_outputs"),
        raw=row,
    )


def layer(case: LayerCase) -> Layer:
    """Return the recorded call of a layer."""
    found = _tree(case)
    arrays = found.get("arrays", {})
    gradients = found.get("input_gradients", {})
    outputs = _list(found.get("outputs", {}))
    args = _list(found["args"])
    return Layer(
        args=tuple(args),
        arrays=arrays,
        masks=tuple(_like(item, found.get("masks", {}).get(str(i))) for i, item in enumerate(args)),
        weights=_list(found.get("weights", {})),
        states=_list(found.get("states", {})),
        states_after=_list(found.get("states_after", {})),
        outputs=outputs,
        output_masks=_sparse(found.get("output_masks", {}), len(outputs)),
        losses=_list(found.get("losses", {})),
        after={int(i): value for i, value in found.get("after", {}).items()},
        cotangents=_sparse(found.get("cotangents", {}), len(outputs)),
        weight_gradients=_list(found.get("weight_gradients", {})),
        args_gradients=tuple(
            _like(item, gradients.get("args", {}).get(str(i))) for i, item in enumerate(args)
        ),
        arrays_gradients={
            key: _like(item, gradients.get("arrays", {}).get(key)) for key, item in arrays.items()
        },
    )


def loss(case: LossCase) -> Loss:
    """Return the recorded value of a loss."""
    found = arrays(case)
    return Loss(
        y_true=found["y_true"],
        y_pred=found["y_pred"],
        weight=found.get("weight"),
        mask=found.get("mask"),
        value=found["value"],
        gradient=found.get("gradient"),
    )


def metric(case: MetricCase) -> Metric:
    """Return the recorded updates of a metric."""
    found = _tree(case)
    steps = [str(i) for i in range(case.updates)]
    return Metric(
        updates=tuple(
            Update(
                arguments=tuple(_list(found["arguments"][step])),
                weight=found.get("weight", {}).get(step),
                result=found["results"][step],
            )
            for step in steps
        ),
        variables=_list(found.get("variables", {})),
    )


def optimizer(case: OptimizerCase) -> Optimizer:
    """Return the recorded path of an optimizer."""
    found = _tree(case)
    return Optimizer(
        initial=_list(found["initial"]),
        gradients=_list(found["gradients"]),
        path=_list(found["path"]),
        slots=_list(found["slots"]),
        finalized=_list(found["finalized"]),
    )


def schedule(case: ScheduleCase) -> Schedule:
    """Return the recorded learning rates."""
    found = arrays(case)
    return Schedule(steps=found["steps"], rates=found["rates"])


def initializer(case: InitializerCase) -> NDArray[Any] | None:
    """Return the recorded value of a constant initializer, `None` for a random one."""
    return arrays(case).get("value")


def function(case: FunctionCase) -> Function:
    """Return the recorded value of an activation, regularizer or constraint."""
    found = _tree(case)
    return Function(
        inputs=tuple(_list(found["inputs"])),
        value=found["value"],
        cotangent=found.get("cotangent"),
        gradients=_list(found.get("gradients", {})),
    )


def model(case: ModelCase) -> Model:
    """Return the recorded training run of a model."""
    found = _tree(case)
    row = table("training")["models"][case.name]
    validation = found.get("validation")
    return Model(
        x=_nest(found["x"]),
        y=_nest(found["y"]),
        sample_weight=_nest(found.get("sample_weight")),
        validation=None if validation is None else tuple(_nest(validation)),
        initial=_list(found["initial"]),
        final=_list(found["final"]),
        optimizer=_list(found["optimizer"]),
        predictions=_nest(found["predictions"]),
        history=row["history"],
        evaluate=row["evaluate"],
        evaluate_dict=row["evaluate_dict"],
        raw=row,
    )


def file(case: ModelCase, name: str) -> Path:
    """Return the path of a file that real Keras wrote after `fit`, of a row with `saved=True`.

    Args:
        case: The row.
        name: "model.keras", "model.weights.h5" or "model.h5" (the legacy format).

    Raises:
        FileNotFoundError: No such file was recorded.
    """
    path = FOLDER / "files" / case.name / name
    if not path.exists():
        raise FileNotFoundError(f"{path} was not recorded: is `saved=True` in the row?")
    return path


def arrays(case: Case) -> dict[str, NDArray[Any]]:
    """Return all arrays recorded for a row, by the names in its npz file."""
    path = FOLDER / "values" / kind(case) / f"{case.name}.npz"
    with np.load(path, allow_pickle=False) as found:
        return dict(found)


def promotion(*, squeezed: bool = True) -> dict[tuple[str, str], str | None]:
    """Return the result type of each pair of dtypes; `None` where Keras refuses.

    Args:
        squeezed: True for what Keras answers on JAX, where 64 bits become 32; False for the
            lattice before that step.
    """
    pairs = table("promotion")["pairs" if squeezed else "lattice"]
    return {(a, b): result for a, row in pairs.items() for b, result in row.items()}


def skiplists() -> dict[str, frozenset[str]]:
    """Return, by kind of object, the attributes that Keras' saving walk passes over."""
    rows = {k: v for k, v in table("skiplists").items() if k != "keras"}
    return {k: frozenset(v) for k, v in rows.items()}


def ops() -> dict[str, dict[str, Any]]:
    """Return the row of each op in `keras.ops`: parameters, saved class, an example node."""
    rows: dict[str, dict[str, Any]] = table("ops")["ops"]
    return rows


def operators() -> dict[str, dict[str, Any]]:
    """Return the node that each operator of a symbolic tensor records, by its text ("x + 2")."""
    rows: dict[str, dict[str, Any]] = table("ops")["operators"]
    return rows


@functools.cache
def table(name: str) -> dict[str, Any]:
    """Return a whole JSON file: "structure", "promotion", "skiplists", "ops" or "training"."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


@functools.cache
def _kinds() -> dict[int, str]:
    return {id(case): kind for kind, cases in EVERY.items() for case in cases}


def _weight(row: dict[str, Any]) -> Weight:
    return Weight(row["path"], tuple(row["shape"]), row["dtype"], row["trainable"])


def _tree(case: Case) -> dict[str, Any]:
    """Return the arrays of a row as nested dicts: `args/0` is at `["args"]["0"]`."""
    root: dict[str, Any] = {}
    for name, value in arrays(case).items():
        *path, last = name.split("/")
        node = root
        for key in path:
            node = node.setdefault(key, {})
        node[last] = value
    return {key: _nest(v) if key == "arrays" else v for key, v in root.items()}


def _nest(node: Any) -> Nest:
    """Turn dicts with the keys 0, 1, ... into lists."""
    if not isinstance(node, dict):
        return node
    if all(key.isdigit() for key in node):
        return _list(node)
    return {key: _nest(item) for key, item in node.items()}


def _list(node: Any) -> list[Any]:
    return [_nest(node[str(i)]) for i in range(len(node))]


def _sparse(node: Mapping[str, NDArray[Any]], length: int) -> list[NDArray[Any] | None]:
    """Return a list of `length`, `None` where the node has no such key."""
    size = max([length, *(int(key) + 1 for key in node)])
    return [node.get(str(i)) for i in range(size)]


def _like(template: Nest, node: Any) -> Nest:
    """Give the node, where keys may lack, the nest of the template."""
    if isinstance(template, list):
        found = node or {}
        return [_like(item, found.get(str(i))) for i, item in enumerate(template)]
    if isinstance(template, dict):
        found = node or {}
        return {key: _like(item, found.get(key)) for key, item in template.items()}
    return node
