"""How each op can be called on symbolic tensors, as a real program would."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from tests.oracle.recording.real import keras


def _t(*shape: int, dtype: str = "float32") -> Any:
    """A symbolic tensor with a known batch, which every op accepts."""
    return keras.Input(batch_shape=shape, dtype=dtype)


# Arguments by parameter name that serve most ops.
_BY_NAME: dict[str, Callable[[], Any]] = {
    **dict.fromkeys(
        ("x", "x1", "x2", "a", "b", "v1", "v2", "y", "condition", "array", "m", "tensor"),
        lambda: _t(2, 4, 4),
    ),
    "xs": lambda: [_t(2, 4), _t(2, 4)],
    "arrays": lambda: [_t(2, 4), _t(2, 4)],
    "inputs": lambda: _t(2, 6, 6, 3),
    "images": lambda: _t(2, 6, 6, 3),
}

# Whole calls for the others; `f` is the op.
_SPECIAL: dict[str, Callable[[Callable[..., Any]], Any]] = {
    "adaptive_average_pool": lambda f: f(_t(2, 6, 6, 3), (2, 3)),
    "adaptive_max_pool": lambda f: f(_t(2, 6, 6, 3), (2, 3)),
    "argpartition": lambda f: f(_t(2, 4), 1),
    "array_split": lambda f: f(_t(5, 2), 2),
    "average_pool": lambda f: f(_t(2, 6, 6, 3), 2),
    "batch_normalization": lambda f: f(_t(2, 4), _t(4), _t(4), -1),
    "binary_crossentropy": lambda f: f(_t(2, 4), _t(2, 4)),
    "broadcast_to": lambda f: f(_t(1, 4), (2, 4)),
    "cast": lambda f: f(_t(2, 4), "float16"),
    "categorical_crossentropy": lambda f: f(_t(2, 4), _t(2, 4)),
    "clip": lambda f: f(_t(2, 4), 0.0, 1.0),
    "concatenate": lambda f: f([_t(2, 4), _t(2, 3)], axis=-1),
    "conv": lambda f: f(_t(2, 6, 6, 3), _t(2, 2, 3, 4)),
    "conv_transpose": lambda f: f(_t(2, 6, 6, 3), _t(2, 2, 4, 3)),
    "correlate": lambda f: f(_t(4), _t(3)),
    "cross": lambda f: f(_t(2, 3), _t(2, 3)),
    "ctc_loss": lambda f: f(
        _t(2, 3, dtype="int32"), _t(2, 6, 5), _t(2, dtype="int32"), _t(2, dtype="int32")
    ),
    "depth_to_space": lambda f: f(_t(2, 3, 3, 4), 2),
    "depthwise_conv": lambda f: f(_t(2, 6, 6, 3), _t(2, 2, 3, 1)),
    "diag": lambda f: f(_t(4)),
    "digitize": lambda f: f(_t(2, 4), _t(3)),
    "dot_product_attention": lambda f: f(_t(2, 5, 2, 4), _t(2, 5, 2, 4), _t(2, 5, 2, 4)),
    "dsplit": lambda f: f(_t(2, 4, 4), 2),
    "einsum": lambda f: f("ij,jk->ik", _t(2, 4), _t(4, 3)),
    "expand_dims": lambda f: f(_t(2, 4), 1),
    "extract_sequences": lambda f: f(_t(2, 16), 4, 2),
    "fft": lambda f: f((_t(2, 4), _t(2, 4))),
    "fft2": lambda f: f((_t(2, 4, 4), _t(2, 4, 4))),
    "fold": lambda f: f(_t(1, 12, 4), (4, 4), 2, 1, 0, 2),
    "full_like": lambda f: f(_t(2, 4), 2.0),
    "geomspace": lambda f: f(_t(2), _t(2), 5),
    "get_item": lambda f: f(_t(2, 4), 0),
    "hsplit": lambda f: f(_t(2, 4), 2),
    "ifft2": lambda f: f((_t(2, 4, 4), _t(2, 4, 4))),
    "in_top_k": lambda f: f(_t(2, dtype="int32"), _t(2, 4), 2),
    "irfft": lambda f: f((_t(2, 4), _t(2, 4))),
    "istft": lambda f: f((_t(2, 7, 5), _t(2, 7, 5)), 8, 4, 8),
    "linspace": lambda f: f(_t(2), _t(2), 5),
    "logspace": lambda f: f(_t(2), _t(2), 5),
    "lstsq": lambda f: f(_t(4, 3), _t(4)),
    "max_pool": lambda f: f(_t(2, 6, 6, 3), 2),
    "meshgrid": lambda f: f(_t(3), _t(4)),
    "moments": lambda f: f(_t(2, 4), [0]),
    "moveaxis": lambda f: f(_t(2, 3, 4), 0, -1),
    "multi_hot": lambda f: f(_t(2, 3, dtype="int32"), 4),
    "nanpercentile": lambda f: f(_t(2, 4), 50.0),
    "nanquantile": lambda f: f(_t(2, 4), 0.5),
    "one_hot": lambda f: f(_t(2, 3, dtype="int32"), 4),
    "pad": lambda f: f(_t(2, 4), ((0, 0), (1, 2))),
    "percentile": lambda f: f(_t(2, 4), 50.0),
    "polar": lambda f: f(_t(2, 4), _t(2, 4)),
    "psnr": lambda f: f(_t(2, 4), _t(2, 4), 1.0),
    "quantile": lambda f: f(_t(2, 4), 0.5),
    "rearrange": lambda f: f(_t(2, 3, 4), "b h w -> b (h w)"),
    "repeat": lambda f: f(_t(2, 4), 2, axis=1),
    "reshape": lambda f: f(_t(2, 4), (4, 2)),
    "roll": lambda f: f(_t(2, 4), 1),
    "saturate_cast": lambda f: f(_t(2, 4), "uint8"),
    "scatter": lambda f: f(_t(3, 1, dtype="int32"), _t(3), (4,)),
    "scatter_update": lambda f: f(_t(4), _t(3, 1, dtype="int32"), _t(3)),
    "searchsorted": lambda f: f(_t(4), _t(3)),
    "segment_max": lambda f: f(_t(4), _t(4, dtype="int32"), 2),
    "segment_min": lambda f: f(_t(4), _t(4, dtype="int32"), 2),
    "segment_prod": lambda f: f(_t(4), _t(4, dtype="int32"), 2),
    "segment_sum": lambda f: f(_t(4), _t(4, dtype="int32"), 2),
    "select": lambda f: f([_t(4, dtype="bool")], [_t(4)], 0.0),
    "separable_conv": lambda f: f(_t(2, 6, 6, 3), _t(2, 2, 3, 1), _t(1, 1, 3, 4)),
    "slice": lambda f: f(_t(4, 4), (0, 1), (2, 2)),
    "slice_update": lambda f: f(_t(4, 4), (0, 1), _t(2, 2)),
    "space_to_depth": lambda f: f(_t(2, 4, 4, 3), 2),
    "sparse_categorical_crossentropy": lambda f: f(_t(2, dtype="int32"), _t(2, 4)),
    "split": lambda f: f(_t(2, 4), 2, axis=1),
    "stack": lambda f: f([_t(2, 4), _t(2, 4)], axis=1),
    "stft": lambda f: f(_t(2, 16), 8, 4, 8),
    "stop_gradient": lambda f: f(_t(2, 4)),
    "swapaxes": lambda f: f(_t(2, 4), 0, 1),
    "take": lambda f: f(_t(2, 4), [0, 1], axis=1),
    "take_along_axis": lambda f: f(_t(2, 4), _t(2, 1, dtype="int32"), axis=1),
    "threshold": lambda f: f(_t(2, 4), 0.5, 0.0),
    "tile": lambda f: f(_t(2, 4), [1, 2]),
    "top_k": lambda f: f(_t(2, 4), 2),
    "unfold": lambda f: f(_t(1, 3, 4, 4), 2),
    "unravel_index": lambda f: f(_t(3, dtype="int32"), (2, 4)),
    "vander": lambda f: f(_t(4)),
    "vsplit": lambda f: f(_t(4, 2), 2),
}

# What the operators of a symbolic tensor record.
OPERATORS: dict[str, Callable[[], Any]] = {
    "x + y": lambda: _t(2, 4) + _t(2, 4),
    "x + 2": lambda: _t(2, 4) + 2,
    "2 + x": lambda: 2 + _t(2, 4),
    "x - 2.0": lambda: _t(2, 4) - 2.0,
    "2 - x": lambda: 2 - _t(2, 4),
    "x * y": lambda: _t(2, 4) * _t(2, 4),
    "2 * x": lambda: 2 * _t(2, 4),
    "x / 2": lambda: _t(2, 4) / 2,
    "2 / x": lambda: 2 / _t(2, 4),
    "x // 2": lambda: _t(2, 4) // 2,
    "x % 2": lambda: _t(2, 4) % 2,
    "x ** 2": lambda: _t(2, 4) ** 2,
    "2 ** x": lambda: 2 ** _t(2, 4),
    "x @ y": lambda: _t(2, 4) @ _t(4, 3),
    "-x": lambda: -_t(2, 4),
    "abs(x)": lambda: abs(_t(2, 4)),
    "x < 2": lambda: _t(2, 4) < 2,
    "x <= 2": lambda: _t(2, 4) <= 2,
    "x > 2": lambda: _t(2, 4) > 2,
    "x >= 2": lambda: _t(2, 4) >= 2,
    "x != 2": lambda: _t(2, 4) != 2,  # == is not overloaded: it compares identity
    "x & y": lambda: _t(4, dtype="bool") & _t(4, dtype="bool"),
    "x | y": lambda: _t(4, dtype="bool") | _t(4, dtype="bool"),
    "x ^ y": lambda: _t(4, dtype="bool") ^ _t(4, dtype="bool"),
    "~x": lambda: ~_t(4, dtype="bool"),
    "x[0]": lambda: _t(2, 4)[0],
    "x[:, 1:3]": lambda: _t(2, 4)[:, 1:3],
    "x[..., None]": lambda: _t(2, 4)[..., None],
}

# The windows refuse a symbolic size; a symbolic tensor has no values to convert.
_UNCALLABLE = ("bartlett", "blackman", "hamming", "hanning", "kaiser", "convert_to_numpy")


def call(name: str, function: Callable[..., Any]) -> Any:
    """Call the op on symbolic tensors; `None` if it doesn't record a node."""
    if name in _UNCALLABLE:
        return None
    special = _SPECIAL.get(name)
    if special is not None:
        return special(function)
    args = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.default is not inspect.Parameter.empty:
            break
        if parameter.name not in _BY_NAME:
            return None
        args.append(_BY_NAME[parameter.name]())
    if not args:
        return None
    outputs = function(*args)
    found = any(hasattr(t, "_keras_history") for t in keras.tree.flatten(outputs))
    return outputs if found else None
