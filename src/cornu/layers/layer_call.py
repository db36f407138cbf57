"""What surrounds `call` of a layer: conversion of arguments, `training`, masks, activity losses."""

from __future__ import annotations

from typing import Any

from cornu import ops, tree
from cornu.graph.dtypes import is_float
from cornu.graph.kerastensor import KerasTensor
from cornu.graph.spec import shape_of
from cornu.graph.trace import layer_path
from cornu.layers.call_spec import CallSpec, is_array, signature_of
from cornu.layers.context import CallContext
from cornu.ops.op import as_tensor, dtype_of, to_dtype
from cornu.state.masks import get_mask, set_mask

__all__ = [
    "add_activity_loss",
    "attach_masks",
    "converted",
    "layer_path_of",
    "training_mode",
    "with_context",
]


def layer_path_of(layer: Any) -> str:
    """Return the names of the layers around a call and the layer's own, as errors show them."""
    outer = layer_path.get()
    return f"{outer}/{layer.name}" if outer else str(layer.name)


def converted(
    layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments with arrays as the backend's, floats in the compute dtype."""
    dtype = layer.input_dtype

    def one(x: Any) -> Any:
        if isinstance(x, KerasTensor):
            return x
        if not is_array(x) and not hasattr(x, "_cornu_read"):
            return x
        y = as_tensor(x)
        if layer.autocast and is_float(dtype_of(y)) and dtype_of(y) != dtype:
            mask = get_mask(x)
            y = to_dtype(y, dtype)
            if mask is not None:
                set_mask(y, mask)
        return y

    return (
        tuple(tree.map_structure(one, a) for a in args),
        {k: tree.map_structure(one, v) for k, v in kwargs.items()},
    )


def training_mode(layer: Any, kwargs: dict[str, Any], outer: CallContext | None) -> bool | None:
    """Resolve `training`: the argument, the outer call, the signature's default."""
    given = kwargs.get("training")
    if given is not None:
        return given  # type: ignore[no-any-return]
    if outer is not None and outer.training is not None:
        return outer.training
    if (mode := layer.__dict__.get("_cornu_training")) is not None:
        return mode  # type: ignore[no-any-return]  # `train()` or `eval()` of the base said it
    return signature_of(layer.call).defaults.get("training")


def with_context(
    layer: Any, spec: CallSpec, kwargs: dict[str, Any], training: bool | None
) -> dict[str, Any]:
    """Return the keyword arguments with `training` and masks, where `call` takes them."""
    signature = signature_of(layer.call)
    kwargs = dict(kwargs)
    if "training" in signature.names:
        if training is not None:
            kwargs["training"] = training
    elif "training" in kwargs and not signature.takes_any:
        del kwargs["training"]
    if "mask" in kwargs and "mask" not in signature.names and not signature.takes_any:
        del kwargs["mask"]
    for i, (name, value) in enumerate(spec.tensors.items()):
        for key in (f"{name}_mask", *(("mask",) if i == 0 else ())):
            if key in signature.names and spec.arguments.get(key) is None:
                masks = tree.map_structure(get_mask, value)
                if any(m is not None for m in tree.flatten(masks)):
                    kwargs[key] = masks
    return kwargs


def add_activity_loss(layer: Any, outputs: Any) -> None:
    """Add the penalty on the outputs, where the layer has one."""
    if layer.activity_regularizer is None:
        return
    for x in tree.flatten(outputs):
        if is_array(x):
            loss = as_tensor(layer.activity_regularizer(x))
            if shape_of(x):  # per sample, so that its strength is the same for any batch
                size = to_dtype(as_tensor(ops.shape(x)[0]), dtype_of(loss))
                loss = ops.divide_no_nan(loss, size)
            layer.add_loss(loss)


def attach_masks(layer: Any, spec: CallSpec, outputs: Any) -> None:
    """Attach masks to the outputs of a call."""
    if not layer.supports_masking and _passes_masks_on(layer):
        return
    if spec.first_name is None:
        return
    explicit = spec.arguments.get("mask")
    previous = explicit if explicit is not None else tree.map_structure(get_mask, spec.first)
    if _passes_masks_on(layer) and all(m is None for m in tree.flatten(previous)):
        return
    flat = tree.flatten(outputs)
    if all(get_mask(x) is not None for x in flat):
        return  # `call` did it itself
    masks = layer.compute_mask(spec.first, previous)
    if masks is None:
        return
    for x, mask in zip(flat, tree.flatten(masks), strict=False):
        if mask is not None and get_mask(x) is None:
            set_mask(x, mask)


def _passes_masks_on(layer: Any) -> bool:
    return hasattr(type(layer).compute_mask, "_cornu_default")  # it is the one of `Layer`
