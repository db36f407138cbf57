"""16 bits, scaled losses, accumulated gradients and moving averages through `fit`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers, ops

X = np.random.default_rng(0).standard_normal((96, 4)).astype("float32")
Y = (X @ np.array([[1.0], [-2.0], [0.5], [0.0]], "float32")).astype("float32")


def a_model(policy: str = "float32", optimizer: Any = None, **options: Any) -> Any:
    cornu.utils.set_random_seed(2)
    model = cornu.Sequential(
        [
            cornu.Input((4,)),
            layers.Dense(16, activation="relu", dtype=policy),
            layers.BatchNormalization(dtype=policy),
            layers.Dense(1, dtype=policy),
        ]
    )
    model.dtype_policy = policy
    model.compile(optimizer or cornu.optimizers.Adam(0.02), "mse", **options)
    return model


def weights(model: Any) -> list[np.ndarray]:
    return [v.numpy() for v in model.trainable_variables]


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_learns_and_keeps_its_weights_in_float32(policy: str) -> None:
    model = a_model(policy)
    history = model.fit(X, Y, epochs=15, verbose=0).history["loss"]
    assert history[-1] < history[0] / 4
    assert {v.dtype for v in model.variables} == {"float32"}
    y = model.predict(X, verbose=0)
    assert y.dtype.name == policy.removeprefix("mixed_")
    full = a_model("float32")
    full.set_weights(model.get_weights())
    np.testing.assert_allclose(
        np.asarray(y, "float32"), full.predict(X, verbose=0), rtol=0.05, atol=0.05
    )


def test_float16_wraps_the_optimizer_and_bfloat16_does_not() -> None:
    scaled = cornu.optimizers.LossScaleOptimizer
    assert isinstance(a_model("mixed_float16").optimizer, scaled)
    assert not isinstance(a_model("mixed_bfloat16").optimizer, scaled)
    assert not isinstance(a_model("mixed_float16", auto_scale_loss=False).optimizer, scaled)


def test_step_whose_gradients_overflow_is_skipped_and_the_scale_halved() -> None:
    inner = cornu.optimizers.Adam(0.02)
    optimizer = cornu.optimizers.LossScaleOptimizer(inner, initial_scale=2.0**15)
    model = a_model("mixed_float16", optimizer)
    model.fit(X, Y, batch_size=32, verbose=0)
    before, scale = weights(model), float(optimizer.dynamic_scale.numpy())
    done = int(inner.iterations.numpy())
    model.fit(np.full((32, 4), 6e4, "float32"), Y[:32], batch_size=32, verbose=0)
    for a, b in zip(before, weights(model), strict=True):
        np.testing.assert_array_equal(a, b)
    assert float(optimizer.dynamic_scale.numpy()) == scale / 2
    assert int(inner.iterations.numpy()) == done
    model.fit(X, Y, batch_size=32, verbose=0)
    assert int(inner.iterations.numpy()) == done + 3


def test_scale_grows_after_enough_good_steps() -> None:
    inner = cornu.optimizers.SGD(0.001)
    optimizer = cornu.optimizers.LossScaleOptimizer(
        inner, initial_scale=64.0, dynamic_growth_steps=3
    )
    model = a_model("mixed_float16", optimizer)
    model.fit(X, Y, batch_size=16, verbose=0)
    assert float(optimizer.dynamic_scale.numpy()) == 256.0


def test_scaling_changes_no_number_that_a_user_sees() -> None:
    plain = a_model(optimizer=cornu.optimizers.SGD(0.01))
    scaled = a_model(
        optimizer=cornu.optimizers.LossScaleOptimizer(
            cornu.optimizers.SGD(0.01), initial_scale=1024.0
        )
    )
    a = plain.fit(X, Y, epochs=2, shuffle=False, verbose=0).history
    b = scaled.fit(X, Y, epochs=2, shuffle=False, verbose=0).history
    np.testing.assert_allclose(a["loss"], b["loss"], rtol=1e-5)


def test_accumulated_gradients_equal_one_large_batch() -> None:
    def run(batch: int, **options: Any) -> list[np.ndarray]:
        cornu.utils.set_random_seed(2)
        model = cornu.Sequential([cornu.Input((4,)), layers.Dense(3), layers.Dense(1)])
        model.compile(cornu.optimizers.SGD(0.05, **options), "mse")
        model.fit(X, Y, batch_size=batch, epochs=2, shuffle=False, verbose=0)
        return weights(model)

    small, large = run(8, gradient_accumulation_steps=4), run(32)
    for a, b in zip(small, large, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_fit_ends_with_the_moving_average_of_the_weights() -> None:
    seen: list[list[np.ndarray]] = []

    class Keeps(cornu.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(weights(self.model))

    optimizer = cornu.optimizers.SGD(0.05, use_ema=True, ema_momentum=0.5)
    model = a_model(optimizer=optimizer)
    expected = weights(model)
    model.fit(X, Y, batch_size=32, shuffle=False, callbacks=[Keeps()], verbose=0)
    for i, step in enumerate(seen):
        # In the first step the average is the new value itself.
        share = 0.5 if i else 0.0
        expected = [share * e + (1 - share) * w for e, w in zip(expected, step, strict=True)]
    for a, b in zip(weights(model), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_variables_are_read_in_the_compute_dtype_inside_a_layer_only() -> None:
    seen: dict[str, str] = {}

    class Reads(layers.Layer):
        def build(self, shape: Any) -> None:
            self.cast = self.add_weight((shape[-1],), "ones", name="cast")
            self.kept = self.add_weight((shape[-1],), "ones", name="kept", autocast=False)
            self.inner = layers.Dense(2, dtype="float32")

        def call(self, x: Any) -> Any:
            self.inner(x)
            seen["cast"], seen["kept"] = str(self.cast.dtype), str(self.kept.dtype)
            seen["value"], seen["kept value"] = (
                ops.dtype(self.cast.value),
                ops.dtype(self.kept.value),
            )
            return x * self.cast

    layer = Reads(dtype="mixed_bfloat16")
    y = layer(np.ones((2, 3), "float32"))
    assert ops.dtype(y) == "bfloat16"
    assert seen == {
        "cast": "bfloat16",
        "value": "bfloat16",
        "kept": "float32",
        "kept value": "float32",
    }
    assert layer.cast.dtype == "float32"
    assert ops.dtype(layer.cast.value) == "float32"


def test_gradient_arrives_in_the_dtype_of_the_variable() -> None:
    dense = layers.Dense(3, dtype="mixed_bfloat16")
    dense.build((None, 4))
    f = lambda: ops.sum(ops.cast(dense(X), "float32"))  # noqa: E731
    _, (gradient, _) = cornu.value_and_grad(f, dense.trainable_variables)()
    assert ops.dtype(gradient) == "float32"
    np.testing.assert_allclose(
        np.asarray(ops.convert_to_numpy(gradient)),
        np.repeat(X.sum(0)[:, None], 3, 1),
        rtol=0.02,
        atol=0.1,
    )


def test_loss_and_metrics_are_computed_in_float32() -> None:
    model = a_model("mixed_float16", metrics=["mae"])
    found = model.evaluate(X, Y * 1e4, verbose=0, return_dict=True)  # its square isn't a float16
    assert np.isfinite(list(found.values())).all()
    assert found["loss"] > 1e6
