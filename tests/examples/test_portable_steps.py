"""The four programs with a `train_step` of their own, unchanged on every backend."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))


def test_gan_moves_its_points_towards_the_circle() -> None:
    import gan

    model, history = gan.train(epochs=12, verbose=0)
    assert set(history.history) == {"d_loss", "g_loss"}
    noise = np.random.default_rng(1).standard_normal((200, model.latent)).astype("float32")
    radius = np.linalg.norm(model.predict(noise, verbose=0), axis=1).mean()
    assert 0.5 < radius < 1.5


def _slope(model) -> float:
    """Return the mean slope of the critic between the two clusters."""
    import cornu

    x = np.random.default_rng(5).uniform(-1.0, 1.0, (100, 2)).astype("float32")
    slopes = cornu.grad(lambda x: cornu.ops.sum(model.critic(x)))(x)
    return float(np.linalg.norm(cornu.ops.convert_to_numpy(slopes), axis=1).mean())


def test_wgan_gp_trains_through_a_gradient_of_a_gradient() -> None:
    import wgan_gp

    model, history = wgan_gp.train(epochs=6, verbose=0)
    assert np.isfinite(history.history["c_loss"]).all()
    slope_before, slope_after = (_slope(m) for m in (wgan_gp.WGAN(), model))
    assert abs(slope_after - 1) < 0.3  # what the penalty asks for
    assert abs(slope_after - 1) < abs(slope_before - 1)
    moving_mean = model.generator.layers[1].moving_mean.numpy()
    assert np.abs(moving_mean).max() > 0  # written inside of the gradient
    assert int(model.seed.state.numpy()[1]) == 6 * 10 * (3 * 2 + 1)  # every draw counted


def test_accumulation_by_hand_equals_the_optimizers_own() -> None:
    import accumulation

    import cornu

    model, history = accumulation.train(epochs=3, verbose=0)
    assert history.history["accuracy"][-1] > 0.8
    assert int(model.optimizer.iterations.numpy()) == 3 * 32 // 4

    cornu.utils.set_random_seed(0)
    ours, theirs = accumulation.Accumulating(4), None
    theirs = cornu.Sequential(
        [cornu.Input((2,)), cornu.layers.Dense(16, activation="tanh"), cornu.layers.Dense(3)]
    )
    x, y = accumulation.data(64)
    ours.build((None, 2))
    for a, b in zip(ours.trainable_variables, theirs.trainable_variables, strict=True):
        b.assign(a)
    loss = cornu.losses.SparseCategoricalCrossentropy(from_logits=True)
    ours.compile(cornu.optimizers.SGD(0.1), loss)
    theirs.compile(cornu.optimizers.SGD(0.1, gradient_accumulation_steps=4), loss)
    for m in (ours, theirs):
        m.fit(x, y, batch_size=8, epochs=1, shuffle=False, verbose=0)
    for a, b in zip(ours.trainable_variables, theirs.trainable_variables, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-6)


def test_heat_equation_is_solved_by_second_derivatives() -> None:
    import heat

    model, history = heat.train(epochs=40, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0] / 20
    assert heat.error(model) < 0.25


@pytest.mark.parametrize("program", ["gan", "wgan_gp", "accumulation", "heat"])
def test_program_gives_equal_results_twice(program: str) -> None:
    train = __import__(program).train
    first, second = (train(epochs=1, verbose=0)[1].history for _ in range(2))
    assert first == second
