"""Record a layer: configuration, variables, outputs, gradients, state after the call."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras.src import backend
from numpy.typing import NDArray

from tests.cases.case import Argument, LayerCase
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


def record(case: LayerCase) -> Record:
    """Run one row under real Keras."""
    rng = generator(case)
    args = [draw(item, rng) for item in case.inputs]
    arrays = {key: draw(item, rng) for key, item in case.arrays.items()}
    masks = [item if item is None else draw(item, rng) for item in case.masks]

    reset()
    layer = case.make(keras)
    called = _with_masks(args, masks)
    outputs = layer(*called, **arrays, **case.call)
    structure = _structure(layer, outputs)
    saved = flatten("args", args) | flatten("arrays", arrays) | flatten("masks", masks)
    for i, variable in enumerate(layer.variables):
        value = _weight(variable, rng)
        variable.assign(value)
        saved[f"weights/{i}"] = plain(value)
    saved |= _output_masks(layer(*_with_masks(args, masks), **arrays, **case.call))
    # The second call may have advanced state; put the recorded weights back.
    for i, variable in enumerate(layer.variables):
        variable.assign(saved[f"weights/{i}"])
    states = _states(layer)
    for i, variable in enumerate(states):
        saved[f"states/{i}"] = plain(_weight(variable, rng))
        variable.assign(saved[f"states/{i}"])
    saved |= _call(case, layer, args, arrays, masks, rng)
    if states:
        layer(*_with_masks(args, masks), **arrays, **case.call)
        saved |= {f"states_after/{i}": plain(v.value) for i, v in enumerate(states)}
        structure["states"] = variables(states)
    if case.symbolic:
        structure["symbolic_outputs"] = _symbolic(case, bool(getattr(layer, "stateful", False)))
    return structure, saved


def _structure(layer: Any, outputs: Any) -> dict[str, Any]:
    listed = layer.variables
    return {
        "class": type(layer).__name__,
        "serialized": serialized(layer),
        "config_keys": config_keys(layer),
        "build_config": layer.get_build_config(),
        "variables": variables(listed),
        "trainable_variables": positions(layer.trainable_variables, listed),
        "non_trainable_variables": positions(layer.non_trainable_variables, listed),
        "weights": positions(layer.weights, listed),
        "file": layout(weight_file(layer)),
        "outputs": _spec(outputs),
        "supports_masking": bool(layer.supports_masking),
    }


def _states(layer: Any) -> list[Any]:
    """Return the states of a stateful recurrent layer, which Keras keeps out of `variables`."""
    kept = getattr(layer, "states", None) if getattr(layer, "stateful", False) else None
    return [] if kept is None else keras.tree.flatten(kept)


def _spec(outputs: Any) -> Any:
    """Replace each tensor by its shape and dtype; lists stay lists, tuples become lists."""
    if isinstance(outputs, list | tuple):
        return [_spec(item) for item in outputs]
    dtype = keras.backend.standardize_dtype(outputs.dtype)
    return {"shape": list(outputs.shape), "dtype": dtype}


def flatten(prefix: str, value: Any) -> dict[str, NDArray[Any]]:
    """Name each array in a nest by its path: `args/0/1` is the second array of a first list."""
    if value is None:
        return {}
    if isinstance(value, np.ndarray):
        return {prefix: value}
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found: dict[str, NDArray[Any]] = {}
    for key, item in items:
        found |= flatten(f"{prefix}/{key}", item)
    return found


def _weight(variable: Any, rng: np.random.Generator) -> NDArray[Any]:
    """Draw a value for a variable; what is no float (seeds, counters) keeps its value."""
    dtype = keras.backend.standardize_dtype(variable.dtype)
    if "float" not in dtype:
        return np.asarray(variable.value)
    value = 0.5 * rng.standard_normal(variable.shape)
    if "variance" in variable.name or "stddev" in variable.name or variable.name == "gamma":
        value = np.abs(value) + 0.5
    return value.astype("float32").astype(np.asarray(variable.value).dtype)


def _with_masks(args: list[Any], masks: list[Any]) -> list[Any]:
    """Turn arguments to tensors that carry the masks."""
    padded = [*masks, *([None] * (len(args) - len(masks)))]
    return [_with_mask(arg, mask) for arg, mask in zip(args, padded, strict=True)]


def _with_mask(arg: Any, mask: Any) -> Any:
    if isinstance(arg, list):
        each = [None] * len(arg) if mask is None else mask
        return [_with_mask(a, m) for a, m in zip(arg, each, strict=True)]
    tensor = jax.numpy.asarray(arg)
    if mask is not None:
        tensor = tensor + 0 if tensor is arg else tensor
        backend.set_keras_mask(tensor, jax.numpy.asarray(mask))
    return tensor


def _output_masks(outputs: Any) -> dict[str, NDArray[Any]]:
    found = {}
    for i, tensor in enumerate(jax.tree.leaves(outputs)):
        mask = backend.get_keras_mask(tensor)
        if mask is not None:
            found[f"output_masks/{i}"] = np.asarray(mask)
    return found


def _call(
    case: LayerCase,
    layer: Any,
    args: list[Any],
    arrays: dict[str, Any],
    masks: list[Any],
    rng: np.random.Generator,
) -> dict[str, NDArray[Any]]:
    """Call statelessly: outputs, losses, state, and the gradient of sum(output * cotangent)."""
    leaves, nest = jax.tree.flatten((args, arrays))
    real = [np.issubdtype(leaf.dtype, np.floating) for leaf in leaves]
    trainable = [v.value for v in layer.trainable_variables]
    other = [v.value for v in layer.non_trainable_variables]

    def forward(weights: list[Any], floats: list[Any]) -> Any:
        floats = list(floats)
        filled = [floats.pop(0) if r else leaf for leaf, r in zip(leaves, real, strict=True)]
        called, by_name = jax.tree.unflatten(nest, filled)
        outputs, state, losses = layer.stateless_call(
            weights, other, *_with_masks(called, masks), **by_name, **case.call, return_losses=True
        )
        return jax.tree.leaves(outputs), state, losses

    floats = [leaf for leaf, r in zip(leaves, real, strict=True) if r]
    shapes, _, _ = jax.eval_shape(forward, trainable, floats)
    cotangents = {
        i: rng.standard_normal(s.shape).astype("float32")
        for i, s in enumerate(shapes)
        if jax.numpy.issubdtype(s.dtype, np.floating)
    }

    def scalar(weights: list[Any], floats: list[Any]) -> Any:
        outputs, state, losses = forward(weights, floats)
        products = [
            jax.numpy.sum(outputs[i] * c.astype(outputs[i].dtype), dtype="float32")
            for i, c in cotangents.items()
        ]
        return sum(products, jax.numpy.zeros(())), (outputs, state, losses)

    compute = jax.jit(jax.value_and_grad(scalar, argnums=(0, 1), has_aux=True))
    (_, (outputs, state, losses)), (by_weight, by_input) = compute(trainable, floats)

    found = {
        f"after/{place}": plain(value)
        for place, value in zip(
            positions(layer.non_trainable_variables, layer.variables), state, strict=True
        )
    }
    if not case.deterministic:
        return found
    found |= {f"outputs/{i}": plain(value) for i, value in enumerate(outputs)}
    found |= {f"losses/{i}": plain(value) for i, value in enumerate(losses)}
    found |= {f"cotangents/{i}": value for i, value in cotangents.items()}
    found |= {f"weight_gradients/{i}": plain(value) for i, value in enumerate(by_weight)}
    names = list(flatten("args", args)) + list(flatten("arrays", dict(sorted(arrays.items()))))
    named = [n for n, r in zip(names, real, strict=True) if r]
    found |= {f"input_gradients/{n}": plain(g) for n, g in zip(named, by_input, strict=True)}
    return found


def _symbolic(case: LayerCase, fixed_batch: bool) -> Any:
    """Call a fresh layer on symbolic tensors; their batch size is unknown where it may be."""
    reset()
    layer = case.make(keras)

    def tensor(item: Argument) -> Any:
        if isinstance(item, list):
            return [tensor(i) for i in item]
        batch = item.shape[0] if fixed_batch else None
        return keras.Input(batch_shape=(batch, *item.shape[1:]), dtype=item.dtype)

    args = [tensor(item) for item in case.inputs]
    arrays = {key: tensor(item) for key, item in case.arrays.items()}
    return _spec(layer(*args, **arrays, **case.call))
