"""Record losses, metrics, optimizers, schedules, initializers and plain functions."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras.src import backend
from numpy.typing import NDArray

from tests.cases.case import (
    FunctionCase,
    InitializerCase,
    LossCase,
    MetricCase,
    OptimizerCase,
    ScheduleCase,
)
from tests.cases.draw import draw, generator
from tests.oracle.recording.describe import (
    config_keys,
    layout,
    positions,
    serialized,
    variables,
    weight_file,
)
from tests.oracle.recording.real import jax, keras, reset
from tests.oracle.recording.store import plain

Record = tuple[dict[str, Any], dict[str, NDArray[Any]]]


def _described(obj: Any) -> dict[str, Any]:
    found = {"class": type(obj).__name__, "serialized": serialized(obj)}
    if hasattr(obj, "get_config"):
        found["config_keys"] = config_keys(obj)
    return found


def record_loss(case: LossCase) -> Record:
    """The value of a loss, and its gradient towards the prediction."""
    reset()
    rng = generator(case)
    loss = case.make(keras)
    y_true, y_pred = draw(case.y_true, rng), draw(case.y_pred, rng)
    found = {"y_true": y_true, "y_pred": y_pred}
    options: dict[str, Any] = {}
    if case.weight is not None:
        found["weight"] = options["sample_weight"] = draw(case.weight, rng)
    if case.mask is not None:
        found["mask"] = draw(case.mask, rng)

    def value(prediction: Any) -> Any:
        if case.mask is not None:
            prediction = prediction + 0
            backend.set_keras_mask(prediction, jax.numpy.asarray(found["mask"]))
        return loss(y_true, prediction, **options)

    result = value(jax.numpy.asarray(y_pred))
    found["value"] = plain(result)
    if case.differentiable and np.issubdtype(y_pred.dtype, np.floating):
        gradient = jax.grad(lambda p: jax.numpy.sum(value(p)))(jax.numpy.asarray(y_pred))
        found["gradient"] = plain(gradient)
    structure = _described(loss)
    structure["dtype"] = keras.backend.standardize_dtype(result.dtype)
    return structure, found


def record_metric(case: MetricCase) -> Record:
    """The result of a metric after each update, and its variables at the end."""
    reset()
    rng = generator(case)
    metric = case.make(keras)
    found: dict[str, NDArray[Any]] = {}
    for step in range(case.updates):
        arguments = [draw(item, rng) for item in case.arguments]
        options = {}
        if case.weight is not None:
            found[f"weight/{step}"] = options["sample_weight"] = draw(case.weight, rng)
        metric.update_state(*arguments, **options)
        for i, array in enumerate(arguments):
            found[f"arguments/{step}/{i}"] = array
        found[f"results/{step}"] = plain(metric.result())
    for i, variable in enumerate(metric.variables):
        found[f"variables/{i}"] = plain(variable.value)
    structure = _described(metric)
    structure["variables"] = variables(metric.variables)
    structure["file"] = layout(weight_file(metric))
    return structure, found


def record_optimizer(case: OptimizerCase) -> Record:
    """The path of the variables over the steps, the slots at the end, finalized averages."""
    reset()
    rng = generator(case)
    optimizer = case.make(keras)
    start = [rng.standard_normal(shape).astype("float32") for _, shape in case.variables]
    trained = [
        keras.Variable(value, name=name)
        for value, (name, _) in zip(start, case.variables, strict=True)
    ]
    optimizer.build(trained)
    structure = _described(optimizer)
    structure["variables"] = variables(optimizer.variables)
    structure["trainable_variables"] = positions(
        getattr(optimizer, "_trainable_variables", trained), trained
    )
    structure["file"] = layout(weight_file(optimizer))

    # The stateless form, compiled, is what Keras' own `fit` runs on JAX.
    update = jax.jit(lambda v, s, g: optimizer.stateless_apply(s, g, v))
    values = [v.value for v in trained]
    state = [v.value for v in optimizer.variables]
    gradients: list[list[NDArray[Any]]] = []
    path: list[list[NDArray[Any]]] = []
    for step in range(case.steps):
        row = [
            (case.scale * rng.standard_normal(shape)).astype("float32")
            for _, shape in case.variables
        ]
        if step in case.overflow:
            row[0].flat[0] = np.inf
        values, state = update(values, state, row)
        gradients.append(row)
        path.append([np.asarray(v) for v in values])
    found = {f"initial/{i}": value for i, value in enumerate(start)}
    for i in range(len(trained)):
        found[f"gradients/{i}"] = np.stack([row[i] for row in gradients])
        found[f"path/{i}"] = np.stack([row[i] for row in path])
    for i, (variable, value) in enumerate(zip(optimizer.variables, state, strict=True)):
        found[f"slots/{i}"] = plain(value)
        variable.assign(value)
    for variable, value in zip(trained, values, strict=True):
        variable.assign(value)
    optimizer.finalize_variable_values(trained)
    for i, variable in enumerate(trained):
        found[f"finalized/{i}"] = np.array(variable.value)
    return structure, found


def record_schedule(case: ScheduleCase) -> Record:
    """The learning rate at each step."""
    reset()
    schedule = case.make(keras)
    rates = [plain(schedule(jax.numpy.asarray(step, "int32"))) for step in case.steps]
    steps = np.asarray(case.steps, "int32")
    return _described(schedule), {"steps": steps, "rates": np.stack(rates)}


def record_initializer(case: InitializerCase) -> Record:
    """The config; the values too if they are not random."""
    reset()
    initializer = case.make(keras)
    found = {}
    if not case.random:
        found["value"] = plain(initializer(case.shape, dtype=case.dtype))
    return _described(initializer), found


def record_function(case: FunctionCase) -> Record:
    """The value of a callable on arrays, and the gradient of sum(value * cotangent)."""
    reset()
    rng = generator(case)
    function = case.make(keras)
    inputs = [draw(item, rng) for item in case.inputs]
    value = plain(function(*[jax.numpy.asarray(x) for x in inputs]))
    found = {f"inputs/{i}": x for i, x in enumerate(inputs)} | {"value": value}
    if case.differentiable:
        cotangent = found["cotangent"] = rng.standard_normal(value.shape).astype("float32")
        places = tuple(range(len(inputs)))
        product = jax.grad(lambda *x: jax.numpy.sum(function(*x) * cotangent), places)
        for i, gradient in enumerate(product(*inputs)):
            found[f"gradients/{i}"] = plain(gradient)
    structure = {} if hasattr(function, "keywords") else _described(function)
    return structure, found
