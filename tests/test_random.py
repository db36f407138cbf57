"""`keras.random`: distributions by their moments, keys, and the same draws when compiled."""

from __future__ import annotations

import random as python_random
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import random
from cornu.random.seed_generator import draw_seed
from cornu.random.seeding import set_random_seed

_N = 60_000

# Name, draw, mean, standard deviation.
_DRAWS: list[tuple[str, Any, float, float]] = [
    ("uniform", lambda s: random.uniform((_N,), seed=s), 0.5, 12**-0.5),
    ("uniform-range", lambda s: random.uniform((_N,), -1.0, 3.0, seed=s), 1.0, 4 * 12**-0.5),
    ("normal", lambda s: random.normal((_N,), seed=s), 0.0, 1.0),
    ("normal-moved", lambda s: random.normal((_N,), 2.0, 0.5, seed=s), 2.0, 0.5),
    ("truncated", lambda s: random.truncated_normal((_N,), seed=s), 0.0, 0.87962566),
    ("randint", lambda s: random.randint((_N,), -2, 3, seed=s), 0.0, 2**0.5),
    ("gamma-small", lambda s: random.gamma((_N,), 0.4, seed=s), 0.4, 0.4**0.5),
    ("gamma", lambda s: random.gamma((_N,), 4.0, seed=s), 4.0, 2.0),
    ("beta", lambda s: random.beta((_N,), 2.0, 3.0, seed=s), 0.4, 0.2),
    ("binomial-few", lambda s: random.binomial((_N,), 12, 0.25, seed=s), 3.0, 1.5),
    ("binomial-many", lambda s: random.binomial((_N,), 400, 0.8, seed=s), 320.0, 8.0),
]
_draws = pytest.mark.parametrize(
    ("draw", "mean", "stddev"), [d[1:] for d in _DRAWS], ids=[d[0] for d in _DRAWS]
)


@_draws
def test_mean_and_deviation_are_those_of_the_distribution(
    draw: Any, mean: float, stddev: float
) -> None:
    values = cornu.ops.convert_to_numpy(draw(5)).astype("float64")
    assert abs(values.mean() - mean) < 5 * stddev / _N**0.5
    assert abs(values.std() / stddev - 1) < 0.03


@_draws
def test_compiled_draws_are_the_eager_ones(draw: Any, mean: float, stddev: float) -> None:
    compiled = cornu.jit(lambda x: draw(5) + x)
    found, expected = np.asarray(compiled(np.float32(0))), np.asarray(draw(5), "float32")
    # A compiler rounds otherwise, so that once in many draws another attempt is accepted.
    assert (abs(found - expected) > 1e-5 * (1 + abs(expected))).mean() < 1e-3


@_draws
def test_seeds_decide(draw: Any, mean: float, stddev: float) -> None:
    np.testing.assert_array_equal(np.asarray(draw(1)), np.asarray(draw(1)))
    assert not np.array_equal(np.asarray(draw(1)), np.asarray(draw(2)))
    generator = random.SeedGenerator(1)
    first, second = np.asarray(draw(generator)), np.asarray(draw(generator))
    np.testing.assert_array_equal(first, np.asarray(draw(1)))
    assert not np.array_equal(first, second)


def test_words_behind_a_draw_are_the_same_everywhere() -> None:
    values = cornu.ops.convert_to_numpy(random.uniform((4,), seed=11))
    assert (values * 2**24).astype("int64").tolist() == [15509551, 3103063, 9068885, 9491557]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_floating_draws_have_the_dtype_and_stay_below_one(dtype: str) -> None:
    values = random.uniform((_N,), dtype=dtype, seed=3)
    assert cornu.ops.dtype(values) == dtype
    found = cornu.ops.convert_to_numpy(values).astype("float64")
    assert found.min() >= 0.0
    assert found.max() < 1.0
    assert cornu.ops.dtype(random.normal((3,), dtype=dtype, seed=3)) == dtype


def test_normal_values_are_symmetric_and_reach_the_tails() -> None:
    values = np.asarray(random.normal((500_000,), seed=2))
    assert np.isfinite(values).all()
    assert values.max() > 4.2
    assert values.min() < -4.2
    assert abs((values**4).mean() - 3.0) < 0.1


def test_integers_cover_their_range_evenly() -> None:
    values = np.asarray(random.randint((_N,), -3, 4, seed=1))
    counts = np.bincount(values + 3, minlength=7)
    assert len(counts) == 7
    assert abs(counts / _N - 1 / 7).max() < 0.01
    wide = np.asarray(random.randint((_N,), -(2**31), 2**31 - 1, seed=1), "float64")
    assert wide.min() < -2.1e9
    assert wide.max() > 2.1e9


def test_bounds_of_integers_may_be_arrays() -> None:
    given = random.randint((_N,), np.array(-3), np.array(4), seed=1)
    np.testing.assert_array_equal(
        np.asarray(given), np.asarray(random.randint((_N,), -3, 4, seed=1))
    )


def test_classes_come_with_their_probabilities() -> None:
    p = np.array([[0.1, 0.2, 0.7], [0.5, 0.5, 0.0]])
    with np.errstate(divide="ignore"):
        logits = np.log(p).astype("float32")
    values = np.asarray(random.categorical(logits, _N, seed=4))
    assert values.shape == (2, _N)
    assert values.dtype == np.int32
    for row, expected in zip(values, p, strict=True):
        assert abs(np.bincount(row, minlength=3) / _N - expected).max() < 0.01


@pytest.mark.parametrize("rate", [0.0, 0.25, 0.9, 1.0])
def test_dropout_keeps_the_mean(rate: float) -> None:
    x = np.ones((300, 200), "float32")
    y = np.asarray(random.dropout(x, rate, seed=1))
    assert abs((y == 0).mean() - rate) < 0.01
    if rate < 1:
        np.testing.assert_allclose(y[y != 0], 1 / (1 - rate), rtol=1e-6)
    z = np.asarray(random.dropout(x, np.float32(rate), seed=1))
    assert abs((z == 0).mean() - rate) < 0.01
    assert np.isfinite(z).all()


def test_dropout_noise_is_shared_along_axes_of_one() -> None:
    y = np.asarray(random.dropout(np.ones((4, 50), "float32"), 0.5, noise_shape=(1, None), seed=1))
    assert (y == y[:1]).all()
    with pytest.raises(ValueError, match="noise_shape"):
        random.dropout(np.ones((4, 5), "float32"), 0.5, noise_shape=(1,))


def test_gradient_of_dropout_passes_where_values_passed() -> None:
    x = np.ones((50,), "float32")
    slope = cornu.grad(lambda x: cornu.ops.sum(random.dropout(x, 0.5, seed=3)))
    np.testing.assert_array_equal(np.asarray(slope(x)), np.asarray(random.dropout(x, 0.5, seed=3)))


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_shuffle_keeps_slices_whole(axis: int) -> None:
    x = np.arange(60).reshape(12, 5)
    y = np.asarray(random.shuffle(x, axis=axis, seed=2))
    assert not np.array_equal(x, y)
    order = np.argsort(np.take(y, 0, axis=1 - axis % 2))
    np.testing.assert_array_equal(np.take(y, order, axis=axis), x)


def test_every_order_is_as_likely() -> None:
    orders = [tuple(np.asarray(random.shuffle([0, 1, 2], seed=s)).tolist()) for s in range(1200)]
    counts = [orders.count(o) for o in set(orders)]
    assert len(counts) == 6
    assert min(counts) > 140


def test_unseeded_draws_inside_a_compiled_function_go_on() -> None:
    noise = cornu.jit(lambda x: x + random.uniform((3,)))
    zero = np.zeros(3, "float32")
    assert not np.array_equal(np.asarray(noise(zero)), np.asarray(noise(zero)))


def test_set_random_seed_repeats_everything() -> None:
    def draw() -> tuple[Any, ...]:
        return (
            python_random.random(),
            float(np.random.rand()),
            np.asarray(random.normal((3,))).tolist(),
            np.asarray(cornu.initializers.get("glorot_uniform")((2, 2))).tolist(),
        )

    set_random_seed(99)
    first = draw()
    set_random_seed(99)
    assert draw() == first
    assert draw() != first


@pytest.mark.parametrize("seed", [-1, 2**32, 0.5, "1", None, True])
def test_seeds_that_are_none_are_refused(seed: Any) -> None:
    with pytest.raises(ValueError, match="seed"):
        set_random_seed(seed)


@pytest.mark.parametrize("seed", ["1", 1.5, [1, 2, 3]])
def test_draws_refuse_what_is_no_seed(seed: Any) -> None:
    with pytest.raises(ValueError, match="seed"):
        draw_seed(seed)


@pytest.mark.parametrize(
    "make",
    [
        lambda: random.uniform((2,), dtype="int32"),
        lambda: random.normal((2,), dtype="int32"),
        lambda: random.randint((2,), 0, 3, dtype="float32"),
        lambda: random.randint((2,), 3, 3),
        lambda: random.categorical([0.0, 1.0], 3),
    ],
)
def test_wrong_arguments_are_refused(make: Any) -> None:
    with pytest.raises((ValueError, TypeError), match=r"\w"):
        make()


def test_generators_have_configs() -> None:
    generator = random.SeedGenerator(7)
    again = random.SeedGenerator.from_config(generator.get_config())
    assert again.state.numpy().tolist() == [7, 0]
