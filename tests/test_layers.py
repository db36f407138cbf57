"""Every row of `tests/cases/layers`: against recorded Keras, and through `check_layer`."""

from __future__ import annotations

import functools
import inspect
import io
from typing import Any

import h5py
import numpy as np
import pytest

import cornu
from cornu import Layer, ops, tree
from cornu.graph.names import reset_names
from cornu.saving.weights import weights_bytes
from cornu.state.masks import set_mask
from cornu.testing import check_layer
from tests.cases import layers
from tests.cases.case import LayerCase
from tests.oracle import read
from tests.tolerances import tolerance

pytestmark = pytest.mark.parametrize("case", layers.CASES, ids=str)


@pytest.fixture(autouse=True)
def fresh_names() -> None:
    """Names count from the beginning, as in each recording."""
    reset_names()


def _masked(x: Any, mask: Any) -> Any:
    if mask is None:
        return x
    y = ops.convert_to_tensor(x)
    set_mask(y, ops.convert_to_tensor(mask))
    return y


def inputs_of(recorded: read.Layer, carrying: bool) -> tuple[Any, ...]:
    """Return the positional arguments, with the masks that they carry or without."""
    found = []
    for x, mask in zip(recorded.args, recorded.masks, strict=True):
        if mask is None or not carrying:
            found.append(x)
        elif isinstance(x, list):
            found.append([_masked(v, m) for v, m in zip(x, mask, strict=True)])
        else:
            found.append(_masked(x, mask))
    return tuple(found)


def called(case: LayerCase, carrying: bool = False) -> tuple[Layer, read.Layer, Any]:
    """Return the layer with the recorded weights, the record, and the outputs.

    Keras was recorded by `stateless_call`, which hands no carried mask on to `call`: values are
    those without; but the layers in a Bidirectional took it. Masks of outputs are recorded of a
    call that does, and so is `carrying=True`.
    """
    recorded = read.layer(case)
    layer = case.make(cornu)
    layer(*recorded.args, **recorded.arrays, **case.call)  # builds
    restore(layer, recorded)
    inputs = inputs_of(recorded, carrying or _took_carried_masks(case))
    return layer, recorded, layer(*inputs, **recorded.arrays, **case.call)


@functools.cache
def _shared(name: str) -> tuple[Layer, read.Layer, Any]:
    return called(next(case for case in layers.CASES if case.name == name))


def shared(case: LayerCase) -> tuple[Layer, read.Layer, Any]:
    """Return what `called` does, the same for all tests that change nothing."""
    return _shared(case.name)


def _took_carried_masks(case: LayerCase) -> bool:
    return case.name.startswith("Bidirectional")


def restore(layer: Layer, recorded: read.Layer) -> None:
    """Put the recorded weights in."""
    for variable, value in zip(layer.variables, recorded.weights, strict=True):
        variable.assign(value)
    states = tree.flatten(getattr(layer, "states", None) or [])
    for variable, value in zip(states, recorded.states, strict=True):
        variable.assign(value)


def computed_in(layer: Layer) -> str:
    return "float32" if layer.compute_dtype == "float64" else layer.compute_dtype


def plain(config: Any) -> Any:
    """Return a config as JSON would give it back."""
    if isinstance(config, (list, tuple)):
        return [plain(v) for v in config]
    if isinstance(config, dict):
        return {k: plain(v) for k, v in config.items()}
    return config


def test_config_is_that_of_keras(case: LayerCase) -> None:
    layer, _, _ = shared(case)
    expected = read.structure(case)
    found = plain(cornu.saving.serialize_keras_object(layer))
    assert found == expected.serialized


def test_variables_are_those_of_keras(case: LayerCase) -> None:
    layer, _, _ = shared(case)
    expected = read.structure(case)
    for kind in ("variables", "trainable_variables", "non_trainable_variables", "weights"):
        found = [(v.path, tuple(v.shape), str(v.dtype), v.trainable) for v in getattr(layer, kind)]
        wanted = [(v.path, v.shape, v.dtype, v.trainable) for v in getattr(expected, kind)]
        assert found == wanted, kind


def test_shapes_and_dtypes_of_outputs_are_those_of_keras(case: LayerCase) -> None:
    _, _, outputs = shared(case)
    assert described(outputs) == read.structure(case).outputs


def test_symbolic_outputs_are_those_of_keras(case: LayerCase) -> None:
    expected = read.structure(case).symbolic_outputs
    layer = case.make(cornu)
    recorded = read.layer(case)
    if expected is None:
        assert not case.symbolic
        return
    batch = None if not recorded.states else recorded.states[0].shape[0]  # a stateful layer
    args, arrays = tree.map_structure(
        lambda x: _placeholder(x, batch), (recorded.args, recorded.arrays)
    )
    outputs = layer(*args, **arrays, **case.call)
    expected = _corrected(expected, read.structure(case).outputs)
    assert _less_known(described(outputs), expected) == expected


def _corrected(symbolic: Any, eager: Any) -> Any:
    """Return what Keras says symbolically; where its own call returns another shape, that one."""
    if isinstance(eager, list):
        inner = symbolic if isinstance(symbolic, list) else [symbolic] * len(eager)
        return [_corrected(s, e) for s, e in zip(inner, eager, strict=True)]
    pairs = zip(symbolic["shape"], eager["shape"], strict=True)
    return {**symbolic, "shape": [None if s is None else e for s, e in pairs]}


def _less_known(found: Any, expected: Any) -> Any:
    """Forget sizes that Keras doesn't find, but that of the batch."""
    if isinstance(found, list):
        return [_less_known(f, e) for f, e in zip(found, expected, strict=True)]
    sizes = [
        None if i and e is None else f
        for i, (f, e) in enumerate(zip(found["shape"], expected["shape"], strict=True))
    ]
    return {**found, "shape": sizes}


def _placeholder(x: Any, batch: int | None) -> Any:
    if not isinstance(x, np.ndarray):
        return x
    return cornu.KerasTensor((batch, *x.shape[1:]), str(x.dtype))


def described(outputs: Any) -> Any:
    if isinstance(outputs, (list, tuple)):
        return [described(x) for x in outputs]
    return {"shape": list(outputs.shape), "dtype": ops.dtype(outputs)}


def test_outputs_are_those_of_keras(case: LayerCase) -> None:
    layer, recorded, outputs = shared(case)
    rtol, atol = tolerance(case.tolerance, computed_in(layer))
    flat = tree.flatten(outputs)
    assert len(flat) == len(recorded.outputs) or not case.deterministic
    for found, wanted in zip(flat, recorded.outputs, strict=False):
        value = np.asarray(ops.convert_to_numpy(found), wanted.dtype)
        np.testing.assert_allclose(value, wanted, rtol=rtol, atol=atol)


def test_masks_of_outputs_are_those_of_keras(case: LayerCase) -> None:
    _, recorded, outputs = called(case, carrying=True)
    for found, wanted in zip(tree.flatten(outputs), recorded.output_masks, strict=False):
        mask = getattr(found, "_keras_mask", None)
        assert (mask is None) == (wanted is None)
        if wanted is not None:
            np.testing.assert_array_equal(ops.convert_to_numpy(mask), wanted)


def test_a_mask_that_is_carried_counts_as_one_that_is_given(case: LayerCase) -> None:
    layer, recorded, _ = called(case)
    parameters = inspect.signature(layer.call).parameters
    if all(m is None for m in tree.flatten(recorded.masks)) or "mask" not in parameters:
        return
    restore(layer, recorded)
    carried = layer(*inputs_of(recorded, True), **recorded.arrays, **case.call)
    restore(layer, recorded)
    given = layer(*recorded.args, mask=recorded.masks[0], **recorded.arrays, **case.call)
    for a, b in zip(tree.flatten(carried), tree.flatten(given), strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(a), ops.convert_to_numpy(b))


def test_losses_are_those_of_keras(case: LayerCase) -> None:
    layer, recorded, outputs = shared(case)
    rtol, atol = tolerance("reduction", computed_in(layer))
    wanted = [float(x) for x in recorded.losses]
    if layer.activity_regularizer is not None:  # `stateless_call`, as recorded, adds none
        penalty = ops.convert_to_numpy(layer.activity_regularizer(outputs))
        wanted.insert(0, float(penalty) / outputs.shape[0])
    found = [float(x) for x in layer.losses]
    np.testing.assert_allclose(found, wanted if case.deterministic else found, rtol, atol)


def test_state_after_the_call_is_that_of_keras(case: LayerCase) -> None:
    layer, recorded, _ = shared(case)
    rtol, atol = tolerance(case.tolerance, "float32")
    for i, wanted in recorded.after.items():
        found = layer.variables[i].numpy()
        np.testing.assert_allclose(found, wanted, rtol=rtol, atol=atol)


def test_gradients_are_those_of_keras(case: LayerCase) -> None:
    layer, recorded, _ = called(case)
    given = [list(recorded.args), recorded.arrays]
    flat = tree.flatten(given)
    wanted = tree.flatten([list(recorded.args_gradients), recorded.arrays_gradients])
    places = [i for i, g in enumerate(wanted) if g is not None]
    floating = [ops.convert_to_tensor(flat[i]) for i in places]

    def total(*values: Any) -> Any:
        filled = list(flat)
        for i, x in zip(places, values, strict=True):
            filled[i] = x
        args, arrays = tree.pack_sequence_as(given, filled)
        if _took_carried_masks(case):
            args = [_masked(x, m) for x, m in zip(args, recorded.masks, strict=True)]
        outputs = tree.flatten(layer(*args, **arrays, **case.call))
        products = [
            ops.sum(ops.cast(ops.multiply(y, ops.cast(c, y.dtype)), "float32"))
            for y, c in zip(outputs, recorded.cotangents, strict=False)
            if c is not None
        ]
        return functools.reduce(ops.add, products)

    rtol, atol = tolerance(
        "reduction" if case.tolerance in ("exact", "elementwise") else case.tolerance,
        computed_in(layer),
    )
    found: list[Any] = []
    if recorded.weight_gradients:
        restore(layer, recorded)
        weights = cornu.grad(lambda: total(*floating), layer.trainable_variables)()
        found += zip(weights, recorded.weight_gradients, strict=True)
    for n, i in enumerate(places):
        restore(layer, recorded)
        found.append((cornu.grad(total, n)(*floating), wanted[i]))
    for g, w in found:
        value = np.zeros_like(w) if g is None else np.asarray(ops.convert_to_numpy(g), w.dtype)
        np.testing.assert_allclose(value, w, rtol=rtol, atol=atol)


def test_layer_keeps_the_promises_of_layers(case: LayerCase) -> None:
    recorded = read.layer(case)
    check_layer(
        lambda: case.make(cornu),
        recorded.args,
        call={**recorded.arrays, **case.call},
        masks=recorded.masks if any(m is not None for m in recorded.masks) else None,
        deterministic=case.deterministic,
        symbolic=case.symbolic,
    )


def test_weights_in_a_file_are_where_keras_has_them(case: LayerCase) -> None:
    layer, _, _ = shared(case)
    found = []
    with h5py.File(io.BytesIO(weights_bytes(layer))) as file:

        def visit(name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset):
                path, _, key = name.rpartition("/")
                found.append((path, key, item.shape, str(item.dtype)))

        file.visititems(visit)
    expected = read.structure(case).file
    assert sorted(found) == sorted((s.path, s.key, s.shape, s.dtype) for s in expected)
