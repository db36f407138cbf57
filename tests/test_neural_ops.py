"""What rows can't say of the ops of neural networks, mathematics and images."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cornu import ops
from cornu.backends import current
from cornu.errors import ArgumentError, DtypeError, NotSupportedError, ShapeError, TracedValueError
from cornu.graph.dtypes import numpy_dtype
from cornu.graph.kerastensor import KerasTensor
from cornu.graph.spec import Spec, spec_of
from cornu.graph.trace import close_over, interpret
from cornu.ops.bits import random_bits
from tests.samples.ops_math import PAIRS


def gradient(f: Any, x: Any) -> Any:
    value = ops.convert_to_tensor(np.asarray(x, "float32"))
    _, _, (g,) = current().value_and_grad(lambda xs: (ops.sum(f(xs[0])), []), [value])
    return current().to_numpy(g)


def array(x: Any) -> Any:
    return current().to_numpy(x)


# Kinks and edges


@pytest.mark.parametrize(
    ("name", "at", "slope"),
    [
        ("relu", 0.0, 0.0),
        ("relu6", 6.0, 0.0),
        ("relu6", 0.0, 0.0),
        ("leaky_relu", 0.0, 1.0),
        ("softplus", 0.0, 0.5),
        ("log_sigmoid", 0.0, 0.5),
        ("elu", 100.0, 1.0),
        ("selu", 1000.0, 1.0507009873554805),
        ("celu", 1000.0, 1.0),
        ("elu", 0.0, 1.0),
        ("softplus", 1000.0, 1.0),
        ("softplus", -1000.0, 0.0),
        ("silu", -1000.0, 0.0),
        ("sparse_plus", 1e30, 1.0),
    ],
)
def test_slopes_at_kinks_and_far_out_are_finite(name: str, at: float, slope: float) -> None:
    assert gradient(getattr(ops, name), [at])[0] == pytest.approx(slope)


def test_norms_have_the_gradient_zero_at_zero() -> None:
    assert gradient(ops.norm, [0.0, 0.0]).tolist() == [0.0, 0.0]
    assert gradient(ops.normalize, [[0.0, 0.0]]).tolist() == [[1e7, 1e7]]
    assert gradient(lambda x: ops.cdist(x, [[1.0]]), [[1.0]]).tolist() == [[0.0]]


def test_softmax_of_large_numbers_has_a_gradient() -> None:
    g = gradient(lambda x: ops.multiply(ops.softmax(x), [1.0, 0.0]), [1e4, -1e4])
    assert g.tolist() == [0.0, 0.0]
    assert gradient(ops.logsumexp, [1e4, -1e4]).tolist() == [1.0, 0.0]


@pytest.mark.parametrize("name", ["layer_normalization", "rms_normalization", "moments"])
def test_half_precision_is_normalized_in_float32(name: str) -> None:
    x = np.full((1, 64), 300.0, "float16")
    x[0, 0] = 0.0
    attrs = {"axes": 1} if name == "moments" else {}
    y = getattr(ops, name)(x, **attrs)
    y = y[0] if name == "moments" else y
    assert spec_of(y).dtype == "float16"
    assert np.isfinite(array(y).astype("float32")).all()


def test_batch_normalization_scales_and_shifts_along_its_axis() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, 4)).astype("float32")
    mean, variance, offset, scale = rng.uniform(0.5, 2, (4, 3)).astype("float32")
    y = array(ops.batch_normalization(x, mean, variance, 1, offset, scale, epsilon=1e-3))
    for c in range(3):
        expected = (x[:, c] - mean[c]) / np.sqrt(variance[c] + 1e-3) * scale[c] + offset[c]
        np.testing.assert_allclose(y[:, c], expected, rtol=1e-5, atol=1e-6)


# Losses


def test_a_label_out_of_range_is_named() -> None:
    scores = np.zeros((2, 3), "float32")
    with pytest.raises(IndexError, match="3"):
        ops.sparse_categorical_crossentropy(np.array([0, 3]), scores, from_logits=True)


def test_labels_and_rows_are_told_apart() -> None:
    scores = np.zeros((2, 3), "float32")
    with pytest.raises(ShapeError, match="For class numbers use `sparse_categorical"):
        ops.categorical_crossentropy(np.array([0, 1]), scores)
    with pytest.raises(ShapeError, match="For one-hot rows use `categorical"):
        ops.sparse_categorical_crossentropy(np.zeros((2, 3), "int32"), scores)
    with pytest.raises(ShapeError, match="must have the same shape"):
        ops.binary_crossentropy(np.zeros((2, 1), "float32"), scores)


def test_cross_entropy_of_certain_predictions_is_finite() -> None:
    y = ops.categorical_crossentropy([0.0, 1.0], [1.0, 0.0])
    assert float(y) == pytest.approx(-np.log(1e-7), rel=1e-5)
    assert float(ops.binary_crossentropy(1.0, -1000.0, from_logits=True)) == 1000.0
    assert (
        gradient(lambda x: ops.binary_crossentropy([1.0], x, from_logits=True), [-1e4])[0] == -1.0
    )


# Connectionist temporal classification


def paths(labels: list[int], steps: int) -> Any:
    """Yield every sequence of classes, 0 for none, that means these labels."""
    for path in np.ndindex(*(3,) * steps):
        merged = [c for i, c in enumerate(path) if c and (i == 0 or path[i - 1] != c)]
        if merged == labels:
            yield path


@pytest.mark.parametrize("labels", [[1], [1, 2], [1, 1], [2, 1, 2], []])
def test_ctc_loss_sums_over_all_ways_to_say_it(labels: list[int]) -> None:
    logits = np.random.default_rng(1).normal(size=(2, 5, 3)).astype("float32")
    logs = logits.astype("float64")
    logs -= np.log(np.exp(logs).sum(-1, keepdims=True))
    target = np.zeros((2, 4), "int32")
    target[:, : len(labels)] = labels
    found = ops.ctc_loss(target, logits, [len(labels)] * 2, [5, 4])
    for i, steps in enumerate((5, 4)):
        total = sum(
            np.exp(sum(logs[i, t, c] for t, c in enumerate(path))) for path in paths(labels, steps)
        )
        assert array(found)[i] == pytest.approx(-np.log(total), rel=1e-5)


def test_ctc_loss_has_a_gradient_that_sums_to_zero() -> None:
    logits = np.random.default_rng(1).normal(size=(2, 5, 3)).astype("float32")
    g = gradient(lambda x: ops.ctc_loss([[1, 2], [1, 1]], x, [2, 2], [5, 3]), logits)
    np.testing.assert_allclose(g.sum(-1), 0, atol=1e-5)
    assert (g[1, 3:] == 0).all()
    assert (g[0] != 0).all()


def test_ctc_decode_finds_the_best_sequences() -> None:
    logits = np.random.default_rng(3).normal(size=(1, 4, 3)).astype("float32")
    logs = np.log(np.exp(logits[0]) / np.exp(logits[0]).sum(-1, keepdims=True))
    totals: dict[tuple[int, ...], float] = {}
    for path in np.ndindex(3, 3, 3, 3):
        merged = tuple(c for i, c in enumerate(path) if c and (i == 0 or path[i - 1] != c))
        chance = np.exp(sum(logs[t, c] for t, c in enumerate(path)))
        totals[merged] = totals.get(merged, 0.0) + float(chance)
    best = sorted(totals, key=lambda k: -totals[k])[:2]
    labels, scores = ops.ctc_decode(logits, [4], strategy="beam_search", top_paths=2)
    for j, expected in enumerate(best):
        row = array(labels)[j, 0].tolist()
        assert row == [*expected, *[-1] * (4 - len(expected))]
        assert array(scores)[0, j] == pytest.approx(np.log(totals[expected]), rel=1e-4)
    with pytest.raises(TracedValueError, match="greedy"):
        close_over(lambda x: ops.ctc_decode(x, [4], strategy="beam_search"), [spec_of(logits)])


# Signals


@pytest.mark.parametrize("case", PAIRS, ids=lambda c: f"{c[0]}-{c[2]}-{c[3]}")
def test_fourier_transforms_of_pairs_agree_with_scipy(case: Any) -> None:
    name, reference, shape, attrs = case
    rng = np.random.default_rng(5)
    real, imag = rng.normal(size=(2, *shape))
    expected = reference(real, imag, **attrs)
    found = getattr(ops, name)((ops.array(real, "float64"), ops.array(imag, "float64")), **attrs)
    parts = np.stack([array(y) for y in found]) if isinstance(found, tuple) else array(found)
    bound = 1e-11 if parts.dtype == np.float64 else 1e-4
    np.testing.assert_allclose(parts, expected, bound, bound)


@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("window", ["hann", "hamming", None])
def test_istft_undoes_stft(window: str | None, center: bool) -> None:
    x = np.random.default_rng(0).normal(size=(2, 64)).astype("float32")
    lengths: dict[str, Any] = {
        "sequence_length": 16,
        "sequence_stride": 4,
        "fft_length": 16,
        "window": window,
        "center": center,
    }
    y = array(ops.istft(ops.stft(x, **lengths), **lengths))
    assert y.shape == x.shape
    inside = slice(None) if center else slice(1, -1)  # a Hann window is 0 at its first point
    np.testing.assert_allclose(y[:, inside], x[:, inside], atol=1e-5)


def test_stft_agrees_with_its_definition() -> None:
    x = np.random.default_rng(0).normal(size=30)
    weights = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(10) / 10)
    real, imag = ops.stft(ops.array(x, "float64"), 10, 4, 16, center=False)
    for i in range(array(real).shape[0]):
        frame = np.zeros(16)
        frame[3:13] = x[i * 4 + 3 : i * 4 + 13] * weights
        expected = np.fft.rfft(frame)
        bound = 1e-12 if array(real).dtype == np.float64 else 1e-5
        np.testing.assert_allclose(array(real)[i], expected.real, atol=bound)
        np.testing.assert_allclose(array(imag)[i], expected.imag, atol=bound)
    with pytest.raises(DtypeError, match="float32 or float64"):
        ops.stft(np.zeros(30, "float16"), 10, 4, 16)


# Linear algebra


def test_factors_multiply_to_the_matrix() -> None:
    a = np.random.default_rng(0).normal(size=(2, 4, 4)).astype("float32")
    spd = a @ a.swapaxes(1, 2) + np.eye(4, dtype="float32")
    low, up = array(ops.cholesky(spd)), array(ops.cholesky(spd, upper=True))
    np.testing.assert_allclose(low @ low.swapaxes(1, 2), spd, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(up, low.swapaxes(1, 2))
    w, v = map(array, ops.eigh(spd))
    np.testing.assert_allclose((v * w[:, None]) @ v.swapaxes(1, 2), spd, rtol=1e-4, atol=1e-4)
    u, s, vt = map(array, ops.svd(a, full_matrices=False))
    np.testing.assert_allclose((u * s[:, None]) @ vt, a, atol=1e-4)
    inverse = array(ops.cholesky_inverse(ops.cholesky(spd)))
    np.testing.assert_allclose(inverse @ spd, np.broadcast_to(np.eye(4), (2, 4, 4)), atol=1e-3)


def test_jvp_is_the_derivative_in_a_direction() -> None:
    x, v = np.array([0.3, 1.2], "float32"), np.array([1.0, -2.0], "float32")

    def f(x: Any, y: Any) -> Any:
        return {"a": ops.sin(x) * y, "b": ops.sum(x * y)}, ops.sum(x)

    value, slope, aux = ops.jvp(f, (x, 2.0), (v, 0.5), has_aux=True)
    np.testing.assert_allclose(array(value["a"]), np.sin(x) * 2, rtol=1e-6)
    np.testing.assert_allclose(array(slope["a"]), np.cos(x) * v * 2 + np.sin(x) * 0.5, rtol=1e-5)
    assert float(slope["b"]) == pytest.approx(v.sum() * 2 + x.sum() * 0.5)
    assert float(aux) == pytest.approx(x.sum())


# Random bits


def test_random_bits_are_threefry_and_prefixes_agree() -> None:
    key = ops.array([0x13198A2E, 0x03707344], "uint32")
    many = array(random_bits(key, (3, 5))).reshape(-1)
    assert many.dtype == np.uint32
    np.testing.assert_array_equal(array(random_bits(key, (7,))), many[:7])
    # The known answer for counter and key 0 (Salmon and others 2011, their test vectors).
    zero = array(random_bits(ops.array([0, 0], "uint32"), (2,)))
    assert [hex(int(w)) for w in zero] == ["0x6b200159", "0x99ba4efe"]
    assert random_bits(KerasTensor((2,), "uint32"), (4,)).shape == (4,)


# Conversion and sizes


def test_convert_to_numpy_gives_writable_copies() -> None:
    x = np.ones(3, "float32")
    y = ops.convert_to_numpy(ops.convert_to_tensor(x))
    y[0] = 5.0
    assert type(y) is np.ndarray
    assert x[0] == 1.0
    with pytest.raises(ValueError, match="none yet"):
        ops.convert_to_numpy(KerasTensor((2,)))


def test_is_tensor_is_true_of_tensors_only() -> None:
    assert ops.is_tensor(ops.ones(2))
    for other in (np.ones(2), 1.0, [1.0], None):
        assert not ops.is_tensor(other)


def test_convert_to_tensor_keeps_or_gives_dtypes() -> None:
    assert spec_of(ops.convert_to_tensor(np.ones(2))).dtype == "float32"
    assert spec_of(ops.convert_to_tensor(np.ones(2), "float16")).dtype == "float16"
    assert ops.dtype(ops.convert_to_tensor([1, 2])) == "int32"
    assert ops.dtype(ops.cast(1.5, "bfloat16")) == "bfloat16"
    with pytest.raises(NotSupportedError, match="no sparse tensors"):
        ops.convert_to_tensor([1.0], sparse=True)


def test_sizes_of_traced_values_are_sizes_and_numbers() -> None:
    assert ops.shape(KerasTensor((None, 3))) == (None, 3)
    assert ops.shape(np.zeros((2, 3))) == (2, 3)
    x = KerasTensor((None, 3))

    def mean(x: Any) -> Any:
        n, k = ops.shape(x)
        wide = ops.reshape(x, (n * 3,))
        return ops.sum(wide) / ops.cast(n * k, "float32"), ops.zeros((n, 2))

    graph, _ = close_over(lambda x: list(mean(x)), [x._cornu_spec])
    assert [s.dtype for s in graph.specs] == ["float32", "float32"]
    assert graph.specs[1].shape == (x._cornu_spec.shape[0], 2)
    value, zeros = mean(ops.ones((4, 3)))
    assert (float(value), zeros.shape) == (1.0, (4, 2))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "float16", "bfloat16"])
def test_saturate_cast_stays_in_range(dtype: str) -> None:
    y = array(ops.saturate_cast(np.array([-1e38, -3.0, 7.0, 1e38], "float32"), dtype))
    assert y.dtype == numpy_dtype(dtype)
    wide = y.astype("float64")
    assert np.isfinite(wide).all()
    assert wide[2] == 7.0
    assert wide[0] <= wide[1] <= 0 or dtype == "uint8"
    assert wide[3] > 100
    ints = np.array([-(2**31), 2**31 - 1], "int32")
    assert np.isfinite(array(ops.saturate_cast(ints, dtype)).astype("float64")).all()


# Parts whose place is data


def test_slices_at_places_that_are_data() -> None:
    x = np.arange(20, dtype="float32").reshape(4, 5)

    def f(x: Any, start: Any) -> list[Any]:
        return [
            ops.slice(x, start, (2, 3)),
            ops.slice_update(x, [start[0], 1], ops.zeros((1, 2))),
            ops.slice(x, (9, -9), (2, 3)),
        ]

    start = ops.array([1, 2], "int32")
    graph, captured = close_over(f, [spec_of(x), spec_of(start)])
    traced = interpret(graph, [ops.array(x), start, *captured])
    for found in (f(ops.array(x), start), traced):
        np.testing.assert_array_equal(array(found[0]), x[1:3, 2:5])
        expected = x.copy()
        expected[1, 1:3] = 0
        np.testing.assert_array_equal(array(found[1]), expected)
        np.testing.assert_array_equal(array(found[2]), x[2:4, 0:3])


# Messages


def test_bad_arguments_are_named() -> None:
    x = np.zeros((2, 5, 6, 4), "float32")
    kernel = np.zeros((3, 3, 4, 2), "float32")
    with pytest.raises(ArgumentError, match="can't both be above 1"):
        ops.conv(x, kernel, strides=2, dilation_rate=2)
    with pytest.raises(ArgumentError, match="`padding` must be one of 'valid', 'same'"):
        ops.conv(x, kernel, padding="full")
    with pytest.raises(ArgumentError, match="`strides` must be an integer or 2 of them"):
        ops.conv(x, kernel, strides=(1, 2, 3))
    with pytest.raises(ShapeError, match="aren't a multiple of the kernel's 3"):
        ops.conv(x, kernel[:, :, :3])
    with pytest.raises(ArgumentError, match="`output_padding` must be below `strides`"):
        ops.conv_transpose(x, np.zeros((2, 2, 3, 4), "float32"), 2, output_padding=2)
    with pytest.raises(ShapeError, match="must divide those of `query`"):
        ops.dot_product_attention(x, x[:, :, :4], x[:, :, :4])
    with pytest.raises(NotSupportedError, match="flash"):
        ops.dot_product_attention(x, x, x, flash_attention=True)
    with pytest.raises(ShapeError, match="size of axis 3 must be even"):
        ops.glu(x[..., :3])
    with pytest.raises(ArgumentError, match="exactly two of top_cropping"):
        ops.image.crop_images(x, 1, 1, 1, 1, 2, None)
    with pytest.raises(ArgumentError, match="don't fit"):
        ops.image.pad_images(x, 0, 0, target_height=2, target_width=9)
    with pytest.raises(ArgumentError, match="each name must stand once"):
        ops.rearrange(x, "a b c d -> a b c")
    with pytest.raises(ArgumentError, match="a pattern has names"):
        ops.rearrange(x, "a (b c d -> a")
    with pytest.raises(ShapeError, match="4 doesn't divide the axis of 5"):
        ops.rearrange(x, "a (b1 b2) c d -> a b1 b2 c d", b1=4)
    with pytest.raises(ArgumentError, match="no order 'nuc' for vectors"):
        ops.norm(x, ord="nuc", axis=1)
    with pytest.raises(ArgumentError, match="`reduction` must be"):
        ops.scatter_update(x, [[0]], x[:1], reduction="mean")


def test_rgb_of_integers_keeps_their_dtype_and_hsv_needs_floats() -> None:
    image = np.full((1, 2, 2, 3), 200, "uint8")
    assert array(ops.image.rgb_to_grayscale(image)).dtype == np.uint8
    with pytest.raises(DtypeError, match="must be floating"):
        ops.image.rgb_to_hsv(image)


def test_resize_of_integers_rounds_and_stays_in_range() -> None:
    image = np.array([[[0], [255], [0], [255]]], "uint8")
    y = array(ops.image.resize(image, (1, 9), interpolation="bicubic"))
    assert y.dtype == np.uint8
    assert y.min() == 0
    assert y.max() == 255


def test_perspective_takes_corners_to_corners() -> None:
    image = np.arange(12, dtype="float32").reshape(3, 4, 1)
    corners = np.array([[0, 0], [3, 0], [0, 2], [3, 2]], "float32")
    mirrored = corners[[1, 0, 3, 2]]
    y = array(ops.image.perspective_transform(image, corners, mirrored))
    np.testing.assert_allclose(y, image[:, ::-1], atol=1e-4)


def test_unknown_sizes_pass_through_layers_of_ops() -> None:
    x = KerasTensor((None, None, None, 3))
    y = ops.conv(x, np.zeros((3, 3, 3, 8), "float32"), strides=2, padding="same")
    assert y.shape == (None, None, None, 8)
    assert ops.max_pool(y, 2).shape == (None, None, None, 8)
    assert ops.average_pool(y, 2, padding="same").shape == (None, None, None, 8)
    up = ops.conv_transpose(y, np.zeros((3, 3, 4, 8), "float32"), strides=2, padding="same")
    assert up.shape == (None, None, None, 4)
    q = KerasTensor((None, None, 2, 8))
    assert ops.dot_product_attention(q, q, q, is_causal=True).shape == (None, None, 2, 8)
    assert ops.image.resize(x, (7, 9)).shape == (None, 7, 9, 3)
    assert ops.one_hot(KerasTensor((None, None), "int32"), 5).shape == (None, None, 5)


def test_a_branch_of_unknown_shape_is_traced_once_for_all_sizes() -> None:
    spec: Spec = KerasTensor((None, 2))._cornu_spec
    graph, _ = close_over(
        lambda x: [ops.cond(ops.sum(x) > 0, lambda: x * 2, lambda: x * 3)], [spec]
    )
    assert graph.specs[0].shape == spec.shape
