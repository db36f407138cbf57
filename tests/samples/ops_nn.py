"""Rows of the ops of neural networks: activations, normalization, losses, convolution, pooling."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from tests.samples.op_sample import OpSample, row
from tests.samples.sample import booleans, distinct, given, integers, positive, real, values

nan, inf = float("nan"), float("inf")
LAST = {"data_format": "channels_last"}
FIRST = {"data_format": "channels_first"}

# Away from all kinks, so that finite differences are a test; the edges are rows of their own.
X = values([[-7.3, -3.2, -1.4, -0.7, -0.2], [0.3, 0.8, 1.7, 3.4, 6.8]])
EDGES = values([nan, inf, -inf, -0.0, 0.0, 1.0, -1.0, 0.5, -0.5, 3.0, -3.0, 6.0, 88.0, -88.0])


def softmax(x: Any, axis: Any = -1) -> Any:
    return special.softmax(x, axis=axis)


def log_softmax(x: Any, axis: Any = -1) -> Any:
    return special.log_softmax(x, axis=axis)


def sparsemax(x: Any, axis: int = -1) -> Any:
    """Find the threshold by bisection."""
    low, high = x.min(axis, keepdims=True) - 1.0, x.max(axis, keepdims=True)
    for _ in range(100):
        middle = (low + high) / 2
        above = np.maximum(x - middle, 0).sum(axis, keepdims=True) > 1
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.maximum(x - low, 0)


def glu(x: Any, axis: int = -1) -> Any:
    a, b = np.split(x, 2, axis)
    return a * special.expit(b)


def selu(x: Any) -> Any:
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return scale * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def tanh_gelu(x: Any) -> Any:
    return x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    return np.sign(x) * np.maximum(np.abs(x) - threshold, 0)


ELEMENTWISE: list[tuple[str, Callable[..., Any], dict[str, Any]]] = [
    ("relu", lambda x: np.maximum(x, 0), {}),
    ("relu6", lambda x: np.clip(x, 0, 6), {}),
    ("sigmoid", special.expit, {}),
    ("sparse_sigmoid", lambda x: np.clip((x + 1) / 2, 0, 1), {}),
    ("softplus", lambda x: np.logaddexp(x, 0), {}),
    ("softsign", lambda x: x / (1 + np.abs(x)), {}),
    ("silu", lambda x: x * special.expit(x), {}),
    ("log_sigmoid", special.log_expit, {}),
    ("leaky_relu", lambda x, negative_slope=0.2: np.where(x > 0, x, negative_slope * x), {}),
    (
        "leaky_relu",
        lambda x, negative_slope: np.where(x > 0, x, negative_slope * x),
        {"negative_slope": 0.1},
    ),
    ("hard_sigmoid", lambda x: np.clip(x / 6 + 0.5, 0, 1), {}),
    ("hard_silu", lambda x: x * np.clip(x / 6 + 0.5, 0, 1), {}),
    ("elu", lambda x: np.where(x > 0, x, np.expm1(x)), {}),
    ("elu", lambda x, alpha: np.where(x > 0, x, alpha * np.expm1(x)), {"alpha": 0.3}),
    ("selu", selu, {}),
    (
        "celu",
        lambda x, alpha: np.maximum(x, 0) + np.minimum(0, alpha * np.expm1(x / alpha)),
        {"alpha": 0.5},
    ),
    ("gelu", tanh_gelu, {}),
    ("gelu", lambda x, approximate: x * special.ndtr(x), {"approximate": False}),
    ("hard_tanh", lambda x: np.clip(x, -1, 1), {}),
    ("tanh_shrink", lambda x: x - np.tanh(x), {}),
    ("hard_shrink", lambda x: np.where(np.abs(x) > 0.5, x, x * 0), {}),
    ("soft_shrink", soft_shrink, {}),
    ("soft_shrink", soft_shrink, {"threshold": 1.0}),
    (
        "sparse_plus",
        lambda x: np.where(x >= 1, x, np.where(x <= -1, 0, (x + 1) ** 2 / 4)),
        {},
    ),
    ("squareplus", lambda x, b=4: (x + np.sqrt(x * x + b)) / 2, {}),
    (
        "threshold",
        lambda x, threshold, default_value: np.where(x > threshold, x, default_value),
        {"threshold": 0.5, "default_value": -2.0},
    ),
]

# -inf has no value of `x * sigmoid(x)`, nor inf one of a difference of infinities.
FINITE = {"gelu", "silu", "hard_silu", "tanh_shrink", "softsign", "squareplus", "threshold"}


def activations() -> list[OpSample]:
    """Return the rows of activation functions, with their edges."""
    found = []
    for name, by, attrs in ELEMENTWISE:
        note = "-".join(map(str, attrs.values()))
        fields: dict[str, Any] = {"by": by, "attrs": attrs, "tolerance": "transcendental"}
        found.append(row(name, X, note=note, **fields))
        edges = (
            values([-0.0, 0.0, 1.0, -1.0, 0.5, -0.5, 3.0, -3.0, 6.0]) if name in FINITE else EDGES
        )
        found.append(row(name, edges, note=f"edges{note}", gradient=False, **fields))
    return found


SOFTMAX = [
    row(name, real(3, 4, 2), by=by, attrs=attrs, note=note, tolerance="transcendental")
    for name, by in (("softmax", softmax), ("log_softmax", log_softmax))
    for note, attrs in (("", {}), ("axis", {"axis": 1}), ("axes", {"axis": (1, 2)}))
] + [
    row("softmax", values([[1e4, 0.0, -1e4]]), by=softmax, note="large", gradient=False),
    row("log_softmax", values([[1e4, 0.0, -1e4]]), by=log_softmax, note="large", gradient=False),
    row("logsumexp", real(3, 4), by=special.logsumexp, tolerance="transcendental"),
    row(
        "logsumexp",
        real(3, 4, 2),
        by=special.logsumexp,
        attrs={"axis": (0, 2), "keepdims": True},
        note="kept",
        tolerance="transcendental",
    ),
    row(
        "logsumexp",
        values([[-inf, -inf], [inf, 0.0], [1e4, 1e4], [-inf, 1.0]]),
        by=special.logsumexp,
        attrs={"axis": 1},
        note="edges",
        gradient=False,
        tolerance="transcendental",
    ),
    row("sparsemax", real(3, 5), by=sparsemax, tolerance="reduction"),
    row(
        "sparsemax",
        real(3, 5, 2),
        by=sparsemax,
        attrs={"axis": 1},
        note="axis",
        tolerance="reduction",
    ),
    row("glu", real(3, 4), by=glu, tolerance="transcendental"),
    row("glu", real(4, 3), by=glu, attrs={"axis": 0}, note="axis", tolerance="transcendental"),
]


# Normalization


def moments(x: Any, axes: Any, keepdims: bool = False) -> Any:
    axes = tuple(axes) if isinstance(axes, list) else axes
    return x.mean(axes, keepdims=keepdims), x.var(axes, keepdims=keepdims)


def batch_norm(x: Any, mean: Any, variance: Any, axis: int, epsilon: float = 1e-3) -> Any:
    shape = [-1 if i == axis % x.ndim else 1 for i in range(x.ndim)]
    return (x - mean.reshape(shape)) / np.sqrt(variance.reshape(shape) + epsilon)


def layer_norm(
    x: Any, gamma: Any = 1.0, beta: Any = 0.0, axis: Any = -1, epsilon: float = 1e-7
) -> Any:
    axis = tuple(axis) if isinstance(axis, list) else axis
    y = (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + epsilon)
    return y * gamma + beta


def rms_norm(x: Any, scale: Any = 1.0, axis: int = -1, epsilon: float = 1e-7) -> Any:
    return x / np.sqrt((x * x).mean(axis, keepdims=True) + epsilon) * scale


def normalized(x: Any, axis: int = -1, order: float = 2, epsilon: float = 1e-7) -> Any:
    return x / np.maximum(np.linalg.norm(x, order, axis, keepdims=True), epsilon)


NORMALIZATION = [
    row("moments", real(3, 4, 2), by=moments, attrs={"axes": (0, 2)}, tolerance="reduction"),
    row(
        "moments",
        real(3, 4),
        by=moments,
        attrs={"axes": [1], "keepdims": True},
        note="kept",
        tolerance="reduction",
    ),
    row(
        "batch_normalization",
        real(3, 4),
        real(4),
        positive(4),
        by=batch_norm,
        attrs={"axis": -1},
        tolerance="reduction",
        unknown=((0, 0),),
    ),
    row(
        "batch_normalization",
        real(3, 4, 2),
        real(4),
        positive(4),
        by=batch_norm,
        attrs={"axis": 1, "epsilon": 0.1},
        note="axis",
        tolerance="reduction",
        unknown=((0, 0), (0, 2)),
    ),
    row(
        "layer_normalization",
        real(3, 6),
        real(6),
        real(6),
        by=layer_norm,
        tolerance="reduction",
        unknown=((0, 0),),
    ),
    row(
        "layer_normalization",
        real(2, 3, 4),
        by=layer_norm,
        attrs={"axis": [1, 2], "epsilon": 0.1},
        note="axes",
        tolerance="reduction",
    ),
    row(
        "rms_normalization",
        real(3, 6),
        real(6),
        by=rms_norm,
        tolerance="reduction",
        unknown=((0, 0),),
    ),
    row(
        "rms_normalization",
        real(3, 6),
        by=rms_norm,
        attrs={"axis": 0},
        note="axis",
        tolerance="reduction",
    ),
    row("normalize", real(3, 4), by=normalized, tolerance="reduction"),
    row(
        "normalize",
        real(3, 4),
        by=normalized,
        attrs={"axis": 0, "order": 1},
        note="1",
        tolerance="reduction",
    ),
    row(
        "normalize", real(3, 4), by=normalized, attrs={"order": 3}, note="3", tolerance="reduction"
    ),
    row("normalize", values([[0.0, 0.0]]), by=normalized, note="zero", gradient=False),
]


# Losses

EPSILON = 1e-7


def log_probabilities(output: Any, from_logits: bool, axis: int) -> Any:
    if from_logits:
        return log_softmax(output, axis)
    return np.log(np.clip(output / output.sum(axis, keepdims=True), EPSILON, 1 - EPSILON))


def categorical(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    return -(target * log_probabilities(output, from_logits, axis)).sum(axis)


def sparse(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    if target.ndim == output.ndim:
        target = target[..., 0]
    logs = np.moveaxis(log_probabilities(output, from_logits, axis), axis, -1)
    return -np.take_along_axis(logs, target[..., None].astype(int), -1)[..., 0]


def binary(target: Any, output: Any, from_logits: bool = False) -> Any:
    if from_logits:
        output = special.expit(output)
    output = np.clip(output, EPSILON, 1 - EPSILON)
    return -(target * np.log(output) + (1 - target) * np.log(1 - output))


unit = real(3, 4, low=0.05, high=0.95)
LOGITS = {"from_logits": True}
LOSSES = [
    row("categorical_crossentropy", unit, unit, by=categorical, tolerance="transcendental"),
    row(
        "categorical_crossentropy",
        unit,
        real(3, 4),
        by=categorical,
        attrs=LOGITS,
        note="logits",
        tolerance="transcendental",
    ),
    row(
        "categorical_crossentropy",
        unit,
        unit,
        by=categorical,
        attrs={"axis": 0},
        note="axis",
        tolerance="transcendental",
    ),
    row(
        "sparse_categorical_crossentropy",
        integers(0, 4, 3),
        unit,
        by=sparse,
        tolerance="transcendental",
    ),
    row(
        "sparse_categorical_crossentropy",
        integers(0, 4, 3, 1),
        real(3, 4),
        by=sparse,
        attrs=LOGITS,
        note="column",
        tolerance="transcendental",
    ),
    row(
        "sparse_categorical_crossentropy",
        integers(0, 4, 3, 2),
        real(3, 4, 2),
        by=sparse,
        attrs={"from_logits": True, "axis": 1},
        note="axis",
        tolerance="transcendental",
    ),
    row("binary_crossentropy", unit, unit, by=binary, tolerance="transcendental"),
    row(
        "binary_crossentropy",
        unit,
        real(3, 4),
        by=binary,
        attrs=LOGITS,
        note="logits",
        tolerance="transcendental",
    ),
    row(
        "one_hot",
        integers(-1, 5, 3, 2),
        by=lambda x, num_classes: np.eye(6)[x][..., :num_classes],
        attrs={"num_classes": 4},
    ),
    row(
        "one_hot",
        integers(0, 4, 3, 2),
        by=lambda x, num_classes, axis, dtype: np.moveaxis(
            np.eye(num_classes, dtype=dtype)[x], -1, axis
        ),
        attrs={"num_classes": 4, "axis": 1, "dtype": "int32"},
        note="axis",
    ),
    row(
        "multi_hot",
        integers(0, 4, 3, 2),
        by=lambda x, num_classes: np.eye(num_classes)[x].max(1),
        attrs={"num_classes": 4},
    ),
]


# Convolution and pooling


def padding_of(n: int, k: int, stride: int, padding: str) -> tuple[int, int]:
    if padding == "valid":
        return 0, 0
    total = max((-(-n // stride) - 1) * stride + k - n, 0)
    return total // 2, total - total // 2


def each(value: Any, n: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * n


def windows(x: Any, size: Any, strides: Any, padding: str, dilation: Any, fill: float) -> Any:
    """Return what windows see: (n, *results, *window, c)."""
    n = x.ndim - 2
    size, strides, dilation = each(size, n), each(strides, n), each(dilation, n)
    reach = [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]
    pads = [padding_of(*a, padding) for a in zip(x.shape[1:-1], reach, strides, strict=True)]
    x = np.pad(x, [(0, 0), *pads, (0, 0)], constant_values=fill)
    counts = [(d - r) // s + 1 for d, r, s in zip(x.shape[1:-1], reach, strides, strict=True)]
    y = np.empty((x.shape[0], *counts, *size, x.shape[-1]))
    for place in np.ndindex(*counts):
        for tap in np.ndindex(*size):
            at = tuple(
                p * s + t * d for p, s, t, d in zip(place, strides, tap, dilation, strict=True)
            )
            y[(slice(None), *place, *tap)] = x[(slice(None), *at)]
    return y


def layout(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of channels last for both formats."""

    def reference(x: Any, *args: Any, data_format: str = "channels_last", **attrs: Any) -> Any:
        if data_format == "channels_last":
            return f(x, *args, **attrs)
        return np.moveaxis(f(np.moveaxis(x, 1, -1), *args, **attrs), -1, 1)

    return reference


@layout
def conv(
    x: Any, kernel: Any, strides: Any = 1, padding: str = "valid", dilation_rate: Any = 1
) -> Any:
    *window, c, _ = kernel.shape
    seen = windows(x, window, strides, padding, dilation_rate, 0.0)
    groups = x.shape[-1] // c
    parts = [
        np.tensordot(seen[..., g * c : (g + 1) * c], k, len(window) + 1)
        for g, k in enumerate(np.split(kernel, groups, -1))
    ]
    return np.concatenate(parts, -1)


@layout
def depthwise(x: Any, kernel: Any, **attrs: Any) -> Any:
    parts = [
        conv(x[..., c : c + 1], kernel[..., c : c + 1, :], **attrs) for c in range(x.shape[-1])
    ]
    return np.concatenate(parts, -1)


@layout
def separable(x: Any, first: Any, second: Any, **attrs: Any) -> Any:
    return conv(depthwise(x, first, **attrs), second)


@layout
def conv_transpose(
    x: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    dilation_rate: Any = 1,
) -> Any:
    """Spread all products, then cut: what is cut before is what the sizes leave of `same`."""
    n = x.ndim - 2
    strides, dilation = each(strides, n), each(dilation_rate, n)
    window = kernel.shape[:n]
    reach = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
    whole = [(d - 1) * s + r for d, s, r in zip(x.shape[1:-1], strides, reach, strict=True)]
    y = np.zeros(
        (x.shape[0], *(w + s for w, s in zip(whole, strides, strict=True)), kernel.shape[-2])
    )
    for place in np.ndindex(*x.shape[1:-1]):
        for tap in np.ndindex(*window):
            at = tuple(
                p * s + t * d for p, s, t, d in zip(place, strides, tap, dilation, strict=True)
            )
            y[(slice(None), *at)] += x[(slice(None), *place)] @ kernel[tap].T
    for i, (d, s, r, extra) in enumerate(
        zip(x.shape[1:-1], strides, reach, each(output_padding, n), strict=True), 1
    ):
        if padding == "valid":
            size, cut = (d - 1) * s + (max(r, s) if extra is None else r + extra), 0
        else:
            size = d * s if extra is None else (d - 1) * s + r % 2 + extra
            total = s + r - 2 if extra is None else r + r % 2 - 2 + extra
            cut = r - 1 - min(total - total // 2, r - 1)
        y = np.take(
            np.pad(y, [(0, size) if j == i else (0, 0) for j in range(y.ndim)]),
            np.arange(cut, cut + size),
            i,
        )
    return y


@layout
def max_pool(x: Any, pool_size: Any, strides: Any = None, padding: str = "valid") -> Any:
    seen = windows(x, pool_size, strides or pool_size, padding, 1, -inf)
    return seen.max(tuple(range(x.ndim - 1, 2 * x.ndim - 3)))


@layout
def average_pool(x: Any, pool_size: Any, strides: Any = None, padding: str = "valid") -> Any:
    seen = windows(x, pool_size, strides or pool_size, padding, 1, nan)
    return np.nanmean(seen, tuple(range(x.ndim - 1, 2 * x.ndim - 3)))


def adaptive(f: Callable[..., Any]) -> Callable[..., Any]:
    @layout
    def reference(x: Any, output_size: Any) -> Any:
        sizes = each(output_size, x.ndim - 2)
        y = np.empty((x.shape[0], *sizes, x.shape[-1]))
        for place in np.ndindex(*sizes):
            part = tuple(
                slice(i * d // m, -((i + 1) * d // -m))
                for i, d, m in zip(place, x.shape[1:-1], sizes, strict=True)
            )
            y[(slice(None), *place)] = f(x[(slice(None), *part)], tuple(range(1, x.ndim - 1)))
        return y

    return reference


def convolutions() -> list[OpSample]:
    """Return rows over paddings, strides and numbers of spatial axes."""
    found = []
    image, kernel = real(2, 6, 5, 2), real(3, 2, 2, 3)
    fields: dict[str, Any] = {"tolerance": "reduction", "unknown": ((0, 0),)}
    for padding, stride in itertools.product(("valid", "same"), (1, 2, (3, 2))):
        note = f"{padding}-{stride}"
        attrs = {"strides": stride, "padding": padding, **LAST}
        found += [
            row("conv", image, kernel, by=conv, attrs=attrs, note=note, **fields),
            row(
                "conv_transpose",
                image,
                real(3, 2, 4, 2),
                by=conv_transpose,
                attrs=attrs,
                note=note,
                **fields,
            ),
            row(
                "max_pool",
                distinct(2, 6, 5, 2),
                by=max_pool,
                attrs={"pool_size": (3, 2), **attrs},
                note=note,
            ),
            row(
                "average_pool",
                image,
                by=average_pool,
                attrs={"pool_size": (3, 2), **attrs},
                note=note,
                **fields,
            ),
        ]
    for padding in ("valid", "same"):
        attrs = {"padding": padding, **LAST}
        dilated = {"dilation_rate": 2, **attrs}
        found += [
            row("conv", image, kernel, by=conv, attrs=dilated, note=f"dilated-{padding}", **fields),
            row(
                "conv_transpose",
                image,
                real(3, 2, 4, 2),
                by=conv_transpose,
                attrs=dilated,
                note=f"dilated-{padding}",
                **fields,
            ),
            row(
                "conv_transpose",
                image,
                real(2, 4, 3, 2),
                by=conv_transpose,
                attrs={"strides": 3, "output_padding": (1, 0), **attrs},
                note=f"more-{padding}",
                **fields,
            ),
            row(
                "conv_transpose",
                image,
                real(1, 2, 3, 2),
                by=conv_transpose,
                attrs={"strides": 3, **attrs},
                note=f"gaps-{padding}",
                **fields,
            ),
            row(
                "depthwise_conv",
                image,
                real(3, 3, 2, 2),
                by=depthwise,
                attrs={"strides": 2, **attrs},
                note=padding,
                **fields,
            ),
            row(
                "separable_conv",
                image,
                real(2, 3, 2, 2),
                real(1, 1, 4, 3),
                by=separable,
                attrs=attrs,
                note=padding,
                **fields,
            ),
        ]
    found += [
        row("conv", real(2, 7, 4), real(3, 2, 6), by=conv, attrs=LAST, note="groups", **fields),
        row(
            "conv",
            real(1, 4, 3, 5, 2),
            real(2, 2, 3, 2, 2),
            by=conv,
            attrs={"strides": 2, "padding": "same", **LAST},
            note="3d",
            **fields,
        ),
        row("conv", real(2, 2, 6, 5), kernel, by=conv, attrs=FIRST, note="first", **fields),
        row(
            "conv",
            image,
            kernel,
            by=conv,
            attrs=LAST,
            note="size",
            tolerance="reduction",
            unknown=((0, 1),),
        ),
        row(
            "conv_transpose",
            real(2, 2, 6, 5),
            real(3, 2, 4, 2),
            by=conv_transpose,
            attrs={"strides": 2, **FIRST},
            note="first",
            **fields,
        ),
        row(
            "max_pool",
            distinct(2, 2, 7),
            by=max_pool,
            attrs={"pool_size": 2, **FIRST},
            note="first",
        ),
        row(
            "average_pool",
            real(2, 7, 2),
            by=average_pool,
            attrs={"pool_size": 3, "strides": 2, "padding": "same", **LAST},
            note="1d",
            tolerance="reduction",
            unknown=((0, 0), (0, 1)),
        ),
        row(
            "adaptive_average_pool",
            image,
            by=adaptive(np.mean),
            attrs={"output_size": (4, 3), **LAST},
            tolerance="reduction",
        ),
        row(
            "adaptive_max_pool",
            distinct(2, 6, 5, 2),
            by=adaptive(np.max),
            attrs={"output_size": (4, 3), **LAST},
        ),
        row(
            "adaptive_max_pool",
            distinct(2, 2, 7),
            by=adaptive(np.max),
            attrs={"output_size": 3, **FIRST},
            note="first",
        ),
    ]
    return found


# Attention and blocks


def attention(
    q: Any,
    k: Any,
    v: Any,
    bias: Any = 0.0,
    mask: Any = True,
    scale: Any = None,
    is_causal: bool = False,
) -> Any:
    each_group = q.shape[2] // k.shape[2]
    k, v = np.repeat(k, each_group, 2), np.repeat(v, each_group, 2)
    scores = np.einsum("btnh,bsnh->bnts", q, k) * (q.shape[-1] ** -0.5 if scale is None else scale)
    scores = np.where(mask, scores + bias, -1e30)
    if is_causal:
        scores = np.where(np.tri(*scores.shape[-2:], dtype=bool), scores, -1e30)
    return np.einsum("bnts,bsnh->btnh", softmax(scores), v)


def unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    p = each(padding, 2)
    x = np.pad(x, [(0, 0), (0, 0), (p[0], p[0]), (p[1], p[1])])
    seen = windows(np.moveaxis(x, 1, -1), kernel_size, stride, "valid", dilation, 0.0)
    n, h, w, kh, kw, c = seen.shape
    return seen.transpose(0, 5, 3, 4, 1, 2).reshape(n, c * kh * kw, h * w)


def fold(x: Any, output_size: Any, kernel_size: Any, **attrs: Any) -> Any:
    """Pull columns back by the matrix of `unfold`."""
    n, rows, _ = x.shape
    c = rows // math.prod(each(kernel_size, 2))
    size = (c, *each(output_size, 2))
    basis = np.eye(math.prod(size)).reshape(-1, *size)
    matrix = unfold(basis, kernel_size, **attrs).reshape(len(basis), -1)
    return (x.reshape(n, -1) @ matrix.T).reshape(n, *size)


def space_to_depth(x: Any, block_size: int, data_format: str = "channels_last") -> Any:
    b, first = block_size, data_format == "channels_first"
    parts = [x[:, :, i::b, j::b] if first else x[:, i::b, j::b] for i in range(b) for j in range(b)]
    stacked = np.stack(parts, 2 if first else -2)
    shape = parts[0].shape
    if first:
        return stacked.reshape(shape[0], -1, *shape[2:])
    return stacked.reshape(*shape[:3], -1)


def depth_to_space(x: Any, block_size: int, data_format: str = "channels_last") -> Any:
    b, first = block_size, data_format == "channels_first"
    if not first:
        n, h, w, c = x.shape
        y = np.empty((n, h * b, w * b, c // b**2))
        for k, (i, j) in enumerate(np.ndindex(b, b)):
            y[:, i::b, j::b] = x[..., k * (c // b**2) : (k + 1) * (c // b**2)]
        return y
    n, c, h, w = x.shape
    y = np.empty((n, c // b**2, h * b, w * b))
    for k, (i, j) in enumerate(np.ndindex(b, b)):
        y[:, :, i::b, j::b] = x[:, k :: b**2]
    return y


Q, K, V = real(2, 4, 4, 3), real(2, 5, 4, 3), real(2, 5, 4, 3)
SHARED: dict[str, Any] = {"by": attention, "tolerance": "reduction"}
OTHERS = [
    row("dot_product_attention", Q, K, V, **SHARED),
    row(
        "dot_product_attention",
        Q,
        real(2, 5, 2, 3),
        real(2, 5, 2, 3),
        note="groups",
        attrs={"is_causal": True, "scale": 0.7},
        **SHARED,
    ),
    row(
        "dot_product_attention",
        Q,
        K,
        V,
        real(1, 4, 4, 5),
        booleans(2, 1, 4, 5),
        note="mask",
        unknown=((0, 0), (1, 0), (2, 0)),
        **SHARED,
    ),
    row("unfold", real(2, 3, 5, 6), by=unfold, attrs={"kernel_size": 2}),
    row(
        "unfold",
        real(2, 3, 5, 6),
        by=unfold,
        note="all",
        attrs={"kernel_size": (2, 3), "dilation": (2, 1), "padding": 1, "stride": 2},
    ),
    row(
        "fold",
        real(2, 18, 12),
        by=fold,
        tolerance="reduction",
        attrs={
            "output_size": (5, 6),
            "kernel_size": (2, 3),
            "dilation": (2, 1),
            "padding": (2, 1),
            "stride": 2,
        },
    ),
    row("space_to_depth", real(2, 4, 6, 3), by=space_to_depth, attrs={"block_size": 2}),
    row(
        "space_to_depth",
        real(2, 3, 4, 6),
        by=space_to_depth,
        note="first",
        attrs={"block_size": 2, **FIRST},
    ),
    row("depth_to_space", real(2, 3, 2, 12), by=depth_to_space, attrs={"block_size": 2}),
    row(
        "depth_to_space",
        real(2, 12, 3, 2),
        by=depth_to_space,
        note="first",
        attrs={"block_size": 2, **FIRST},
    ),
]


# Parts


def scatter_update(x: Any, indices: Any, updates: Any, reduction: Any = None) -> Any:
    y = x.copy()
    combine = {"add": np.add, "mul": np.multiply, "max": np.maximum, "min": np.minimum}
    for place, value in zip(indices, updates, strict=True):
        at = tuple(place)
        y[at] = value if reduction is None else combine[reduction](y[at], value)
    return y


PLACES = given([[1], [4], [1]])
PARTS = [
    row("cast", real(3, 2), by=lambda x, dtype: x.astype(dtype), attrs={"dtype": "int32"}),
    row(
        "saturate_cast",
        real(9, low=-400.0, high=400.0),
        attrs={"dtype": "uint8"},
        by=lambda x, dtype: np.clip(x, 0, 255).astype(dtype),
        dtypes=("float32",),
    ),
    row(
        "slice",
        real(4, 5),
        attrs={"start_indices": (1, 2), "shape": (2, 3)},
        unknown=(),
        by=lambda x, start_indices, shape: x[1:3, 2:5],
    ),
    row(
        "slice_update",
        real(4, 5),
        given([1, 2]),
        real(2, 3),
        unknown=(),
        by=lambda x, start, new: np.concatenate(
            [x[:1], np.concatenate([x[1:3, :2], new], 1), x[3:]]
        ),
    ),
    row(
        "scatter",
        PLACES,
        real(3, 2),
        attrs={"shape": (5, 2)},
        unknown=(),
        by=lambda i, v, shape: scatter_update(np.zeros(shape), i, v, "add"),
        tolerance="reduction",
    ),
    *(
        row(
            "scatter_update",
            real(5, 2),
            PLACES,
            distinct(3, 2),
            by=scatter_update,
            attrs={} if how is None else {"reduction": how},
            note=how or "set",
        )
        for how in (None, "add", "mul", "max", "min")
    ),
    row("unstack", real(3, 2), by=lambda x, axis: [x[:, 0], x[:, 1]], attrs={"axis": 1}),
    row(
        "rearrange",
        real(2, 3, 4),
        attrs={"pattern": "b h (w c) -> c (b w) h", "c": 2},
        by=lambda x, pattern, c: x.reshape(2, 3, 2, 2).transpose(3, 0, 2, 1).reshape(2, 4, 3),
    ),
]

SAMPLES: list[OpSample] = [
    *activations(),
    *SOFTMAX,
    *NORMALIZATION,
    *LOSSES,
    *convolutions(),
    *OTHERS,
    *PARTS,
]
