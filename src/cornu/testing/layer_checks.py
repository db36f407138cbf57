"""`check_layer`: whether a layer keeps what Keras promises of layers, one function per promise."""

from __future__ import annotations

import json
import math
import re
import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cornu import ops, saving, tree
from cornu.graph.dtypes import is_float
from cornu.graph.kerastensor import KerasTensor
from cornu.layers.call_spec import is_array
from cornu.layers.input_layer import Input
from cornu.layers.input_spec import InputSpec
from cornu.layers.layer import Layer
from cornu.models.functional import Model
from cornu.saving.walk import walk
from cornu.state.masks import get_mask, set_mask
from cornu.symbolic.operation import is_builtin

__all__ = ["check_layer"]

_CLOSE = {"float64": 1e-6, "float32": 1e-4, "float16": 2e-2, "bfloat16": 1e-1}


def check_layer(
    layer: Layer | Callable[[], Layer],
    inputs: Any,
    *,
    call: Mapping[str, Any] | None = None,
    masks: Any = None,
    custom_objects: Mapping[str, Any] | None = None,
    deterministic: bool = True,
    symbolic: bool = True,
    mixed_precision: bool = True,
    training: bool = True,
) -> None:
    """Check a layer: it builds, computes, records, saves, loads, trains and refuses bad input.

    - `build` makes the same variables as the first call does, and a second call gives the same.
    - On symbolic inputs, of known and of unknown batch size, shapes, dtypes and masks are those of
      an eager call, and the recorded model computes the same.
    - From its config and its weights in a file an equal layer is made.
    - Under `mixed_bfloat16` it computes in bfloat16 with variables of float32, to about the same.
    - One training step gives the same loss and weights compiled and run eagerly.
    - Input that it can't take raises an error that names the layer or tells its rule.

    Args:
        layer: A layer that hasn't been called yet, or a function without arguments that makes one.
        inputs: The first argument of the call; a tuple of all positional arguments.
        call: Further arguments of the call, by name.
        masks: Masks that the positional arguments carry, one entry for each; None for no mask.
        custom_objects: Name -> class, for what the config names besides the layer's own class.
        deterministic: False if outputs depend on random numbers: values aren't compared then.
        symbolic: False if it can't be called on symbolic tensors.
        mixed_precision: False if it can't compute in 16 bits.
        training: False if no gradient runs through it.

    Raises:
        AssertionError: If a promise is broken; the message says which.

    Example:
        >>> from cornu.testing import check_layer
        >>> check_layer(cornu.layers.Dense(3), np.ones((2, 4)))
    """
    first = layer if isinstance(layer, Layer) else layer()
    subject = _Subject(
        make=layer if not isinstance(layer, Layer) else _copies(layer),
        name=type(first).__name__,
        args=inputs if isinstance(inputs, tuple) else (inputs,),
        kwargs=dict(call or {}),
        masks=tuple(masks) if masks is not None else (),
        deterministic=deterministic,
        custom_objects={
            **({} if is_builtin(type(first)) else {type(first).__name__: type(first)}),
            **(custom_objects or {}),
        },
    )
    _check_build_and_call(subject)
    if symbolic:
        _check_symbolic_calls(subject)
    _check_config(subject)
    _check_weights_in_a_file(subject)
    if mixed_precision:
        _check_mixed_precision(subject)
    if training and symbolic:
        _check_training_step(subject)
    _check_bad_input(subject)


def _copies(layer: Layer) -> Callable[[], Layer]:
    """Return a function that makes layers of the same config."""
    return lambda: type(layer).from_config(layer.get_config())


@dataclass
class _Subject:
    """What is checked, and how it is called."""

    make: Callable[[], Layer]
    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    masks: tuple[Any, ...]
    deterministic: bool
    custom_objects: dict[str, Any]
    reference: dict[str, Any] = field(default_factory=dict)

    def run(self, layer: Layer) -> Any:
        """Call on the inputs, which carry their masks."""
        _reset(layer)
        args = list(self.args)
        for i, mask in enumerate(self.masks):
            args[i] = _carrying(args[i], mask)
        return layer(*args, **self.kwargs)

    def twin(self, layer: Layer) -> Layer:
        """Return another layer, built, with the same weights and seeds."""
        other = self.make()
        self.run(other)
        _copy_variables(layer, other)
        return other


def _reset(layer: Layer) -> None:
    """Forget what a recurrent layer keeps from batch to batch."""
    if getattr(layer, "stateful", False) and layer.built:
        layer.reset_state()


def _carrying(x: Any, mask: Any) -> Any:
    if mask is None:
        return x
    if isinstance(x, (list, tuple)):
        return [_carrying(v, m) for v, m in zip(x, mask, strict=True)]
    y = ops.convert_to_tensor(x)
    set_mask(y, ops.convert_to_tensor(mask))
    return y


def _copy_variables(source: Layer, target: Layer) -> None:
    for a, b in zip(source.variables, target.variables, strict=True):
        b.assign(a.numpy())


# What is promised


def _check_build_and_call(subject: _Subject) -> None:
    layer = subject.make()
    outputs = subject.run(layer)
    _require(layer.built, f"{subject.name} isn't marked as built after a call")
    before = [v.numpy() for v in layer.variables]
    again = subject.run(layer)
    if subject.deterministic and _same_values(before, [v.numpy() for v in layer.variables]):
        _require_close(again, subject.run(layer), f"two equal calls of {subject.name} differ")
    _require(
        _specs(outputs) == _specs(again),
        f"two equal calls of {subject.name} return other shapes or dtypes",
    )
    built = subject.make()
    config = layer.get_build_config()
    if config:
        built.build_from_config(config)
        _require(built.built, f"{subject.name} isn't marked as built after `build`")
        _require(
            _variables(built) == _variables(layer),
            f"`build` of {subject.name} makes other variables than the first call: "
            f"{_variables(built)} and {_variables(layer)}",
        )


def _check_symbolic_calls(subject: _Subject) -> None:
    layer = subject.make()
    outputs = subject.run(layer)
    stateful = getattr(layer, "stateful", False)  # which needs a known batch
    for batch_is_known in (True,) if stateful else (True, False):
        args, kwargs = _symbolic_arguments(subject, batch_is_known)
        fresh = subject.make()
        found = fresh(*args, **kwargs)
        _require(
            _variables(fresh) == _variables(layer),
            f"{subject.name} makes other variables for symbolic inputs than for arrays",
        )
        _require(
            _agree(found, outputs),
            f"{subject.name} says {_specs(found)} of its outputs and returns {_specs(outputs)}",
        )
        for symbolic, actual in zip(tree.flatten(found), tree.flatten(outputs), strict=True):
            has_mask = get_mask(symbolic) is not None, get_mask(actual) is not None
            _require(
                has_mask[0] == has_mask[1],
                f"an output of {subject.name} has a mask on symbolic inputs or arrays alone",
            )
        inputs = [t for t in tree.flatten((args, kwargs)) if isinstance(t, KerasTensor)]
        if not inputs or subject.masks:
            continue  # a model's inputs carry no masks
        model = Model(inputs, tree.flatten(found))
        twin = subject.twin(fresh)
        _reset(fresh)
        if subject.deterministic:
            arrays = [a for a in tree.flatten((list(subject.args), subject.kwargs)) if is_array(a)]
            _require_close(
                model(arrays),
                tree.flatten(subject.run(twin)),
                f"a model of {subject.name} computes something else than the layer",
            )


def _check_config(subject: _Subject) -> None:
    layer = subject.make()
    outputs = subject.run(layer)
    stored = saving.serialize_keras_object(layer)
    try:
        text = json.dumps(stored)
    except TypeError as error:
        raise AssertionError(f"the config of {subject.name} isn't plain data: {error}") from None
    loaded = saving.deserialize_keras_object(
        json.loads(text), custom_objects=subject.custom_objects
    )
    _require(
        type(loaded) is type(layer), f"the config of {subject.name} makes a {type(loaded).__name__}"
    )
    subject.run(loaded)
    _require(
        json.dumps(loaded.get_config()) == json.dumps(layer.get_config()),
        f"a {subject.name} made of its config has another one: {loaded.get_config()} and "
        f"{layer.get_config()}",
    )
    _copy_variables(layer, loaded)
    if subject.deterministic:
        wanted = subject.run(layer)
        _require_close(
            subject.run(loaded), wanted, f"a {subject.name} made of its config computes otherwise"
        )
    _require(_specs(subject.run(loaded)) == _specs(outputs), f"{subject.name}: other outputs")


def _check_weights_in_a_file(subject: _Subject) -> None:
    layer = subject.make()
    subject.run(layer)
    other = subject.make()
    subject.run(other)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "layer.weights.h5")
        saving.save_weights(layer, path)
        saving.load_weights(other, path)
    if subject.deterministic:
        _require_close(
            subject.run(other),
            subject.run(layer),
            f"{subject.name} computes something else after saving and loading",
        )
    wanted, found = _stored(layer), _stored(other)
    _require(wanted.keys() == found.keys(), f"{subject.name} stores other weights after loading")
    for place, value in wanted.items():
        _require(
            np.array_equal(value, found[place], equal_nan=True),
            f"the weight {place} of {subject.name} isn't the same after saving and loading",
        )


def _check_mixed_precision(subject: _Subject) -> None:
    layer = subject.make()
    if layer.dtype_policy.name != "float32":
        return
    outputs = subject.run(layer)
    mixed = saving.deserialize_keras_object(
        _in_mixed_precision(saving.serialize_keras_object(layer)),
        custom_objects=subject.custom_objects,
    )
    found = subject.run(mixed)
    for v in mixed.variables:
        _require(
            not is_float(v._cornu_spec.dtype) or v._cornu_spec.dtype == "float32",
            f"the variable {v.path} of {subject.name} isn't kept in float32",
        )
    for x, y in zip(tree.flatten(outputs), tree.flatten(found), strict=True):
        wanted = "bfloat16" if ops.dtype(x) == "float32" else ops.dtype(x)
        _require(
            ops.dtype(y) == wanted,
            f"{subject.name} returns {ops.dtype(y)} under mixed_bfloat16, not {wanted}",
        )
    _copy_variables(layer, mixed)
    if subject.deterministic:
        _require_close(
            subject.run(mixed),
            subject.run(layer),
            f"{subject.name} computes something else in bfloat16",
            dtype="bfloat16",
        )


def _in_mixed_precision(config: Any) -> Any:
    """Return a config with the policy of float32 replaced, in layers inside too."""
    if isinstance(config, list):
        return [_in_mixed_precision(v) for v in config]
    if not isinstance(config, dict):
        return config
    found = {k: _in_mixed_precision(v) for k, v in config.items()}
    dtype = config.get("dtype")
    if dtype == "float32" or (isinstance(dtype, dict) and "DTypePolicy" in str(dtype)):
        found["dtype"] = "mixed_bfloat16"
    return found


class _Factor(Layer):
    """One trained factor in front of a layer, so that there is a gradient through it."""

    def build(self, input_shape: Any) -> None:
        self.factor = self.add_weight(shape=(), initializer="ones", name="factor")

    def call(self, inputs: Any) -> Any:
        return ops.multiply(inputs, self.factor)


def _check_training_step(subject: _Subject) -> None:
    results: list[tuple[float, list[Any]]] = []
    start: list[Any] | None = None
    for eagerly in (False, True):
        args, kwargs = _symbolic_arguments(subject, True)
        inputs = [t for t in tree.flatten((args, kwargs)) if isinstance(t, KerasTensor)]
        args, kwargs = tree.map_structure(_with_factor, (args, kwargs))
        outputs = [
            ops.multiply(y, 1.0)  # an op drops the mask, which need not fit a loss
            for y in tree.flatten(subject.make()(*args, **kwargs))
            if isinstance(y, KerasTensor) and is_float(y.dtype) and y.shape
        ]
        if not outputs or not inputs:
            return
        model = Model(inputs, outputs)
        if not model.trainable_variables:
            return
        start = [v.numpy() for v in model.variables] if start is None else start
        for v, value in zip(model.variables, start, strict=True):
            v.assign(value)
        model.compile(optimizer="sgd", loss=["mse"] * len(outputs), run_eagerly=eagerly)
        arrays = [a for a in tree.flatten((list(subject.args), subject.kwargs)) if is_array(a)]
        targets = [np.zeros([int(d or 1) for d in y.shape], "float32") for y in outputs]
        with warnings.catch_warnings():  # a layer may have weights that this call doesn't use
            warnings.filterwarnings("ignore", "There are no gradients")
            loss = model.train_on_batch(arrays, targets)
        loss = float(loss[0] if isinstance(loss, list) else loss)
        _require(math.isfinite(loss), f"a training step with {subject.name} has the loss {loss}")
        results.append((loss, [v.numpy() for v in model.variables]))
    (compiled_loss, compiled), (eager_loss, eager) = results
    if subject.deterministic:
        _require(
            math.isclose(compiled_loss, eager_loss, rel_tol=1e-3, abs_tol=1e-5),
            f"a training step with {subject.name} has the loss {compiled_loss} compiled and "
            f"{eager_loss} run eagerly",
        )
        _require_close(compiled, eager, f"a training step with {subject.name} differs run eagerly")


def _with_factor(x: Any) -> Any:
    if not isinstance(x, KerasTensor) or not is_float(x.dtype):
        return x
    y = _Factor()(x)
    mask = get_mask(x)
    if mask is not None:
        set_mask(y, mask)
    return y


def _check_bad_input(subject: _Subject) -> None:
    layer = subject.make()
    subject.run(layer)
    spec = layer.input_spec
    bad: Any = "no array"
    if isinstance(spec, InputSpec) and (spec.ndim or spec.min_ndim or spec.max_ndim):
        rank = (spec.ndim or spec.max_ndim or 0) + 1
        if spec.min_ndim and not (spec.ndim or spec.max_ndim):
            rank = spec.min_ndim - 1
        bad = np.ones([2] * rank, "float32")
    try:
        layer(bad, *subject.args[1:], **subject.kwargs)
    except (ValueError, TypeError) as error:
        text = str(error)
        _require(
            layer.name in text or subject.name in text,
            f"the error of {subject.name} on bad input doesn't say who complains: {text}",
        )
    else:
        raise AssertionError(f"{subject.name} takes {bad!r} without an error")


# How it is compared


def _require(condition: bool, rule: str) -> None:
    if not condition:
        raise AssertionError(f"{rule}.")


def _variables(layer: Layer) -> list[tuple[str, tuple[int, ...], str, bool]]:
    """Describe variables; numbers in their paths count the layers made so far, so they go."""
    return [(re.sub(r"_\d+", "", v.path), v.shape, v.dtype, v.trainable) for v in layer.variables]


def _stored(layer: Layer) -> dict[tuple[str, str], np.ndarray[Any, Any]]:
    """Return what goes into a file of weights: by path and key."""
    found: dict[tuple[str, str], np.ndarray[Any, Any]] = {}
    for step in walk(layer):
        store: dict[str, Any] = {}
        if hasattr(step.obj, "save_own_variables"):
            step.obj.save_own_variables(store)
        found |= {(step.path, key): ops.convert_to_numpy(v) for key, v in store.items()}
    return found


def _specs(outputs: Any) -> list[str]:
    return [f"{ops.dtype(x)}{list(x.shape)}" for x in tree.flatten(outputs)]


def _agree(symbolic: Any, actual: Any) -> bool:
    """Say whether dtypes are equal, and shapes where they are known."""
    a, b = tree.flatten(symbolic), tree.flatten(actual)
    return len(a) == len(b) and all(
        ops.dtype(x) == ops.dtype(y)
        and len(x.shape) == len(y.shape)
        and all(d is None or d == e for d, e in zip(x.shape, y.shape, strict=True))
        for x, y in zip(a, b, strict=True)
    )


def _same_values(a: list[Any], b: list[Any]) -> bool:
    return all(np.array_equal(x, y, equal_nan=True) for x, y in zip(a, b, strict=True))


def _require_close(found: Any, wanted: Any, rule: str, dtype: str | None = None) -> None:
    """Require nearly equal values; how near, the coarser dtype says."""
    a, b = tree.flatten(found), tree.flatten(wanted)
    _require(len(a) == len(b), f"{rule}: {len(a)} and {len(b)} outputs")
    for x, y in zip(a, b, strict=True):
        near = _CLOSE.get(dtype or str(ops.dtype(y)), 0.0)
        left, right = (np.asarray(ops.convert_to_numpy(v), "float64") for v in (x, y))
        scale = np.max(np.abs(right), initial=1.0, where=np.isfinite(right))
        _require(
            left.shape == right.shape
            and np.allclose(left, right, rtol=near, atol=near * scale, equal_nan=True),
            f"{rule}: {left.ravel()[:5]} and {right.ravel()[:5]} ...",
        )


def _symbolic_arguments(
    subject: _Subject, batch_is_known: bool
) -> tuple[list[Any], dict[str, Any]]:
    def one(x: Any, mask: Any = None) -> Any:
        if isinstance(x, (list, tuple)):
            masks = mask if isinstance(mask, (list, tuple)) else [None] * len(x)
            return [one(v, m) for v, m in zip(x, masks, strict=True)]
        if isinstance(x, dict):
            return {k: one(v) for k, v in x.items()}
        if not is_array(x):
            return x
        shape = tuple(x.shape)
        batch = shape[:1] if batch_is_known else (None,)
        y = Input(batch_shape=(*batch, *shape[1:]) if shape else (), dtype=_plain_dtype(x))
        if mask is not None:
            set_mask(y, one(mask))
        return y

    masks = (*subject.masks, *[None] * (len(subject.args) - len(subject.masks)))
    args = [one(x, m) for x, m in zip(subject.args, masks, strict=True)]
    return args, {k: one(v) for k, v in subject.kwargs.items()}


def _plain_dtype(x: Any) -> str:
    return str(ops.dtype(ops.convert_to_tensor(x)))
