"""The spine in under a second: `pytest tests/test_tiny.py` after every edit."""

from __future__ import annotations

import numpy as np

import cornu
from cornu import layers, ops


def test_op_promotes_as_keras() -> None:
    total = ops.add(np.ones(2, "int32"), 1.5)
    assert str(total.dtype).removeprefix("torch.") == "float32"


def test_gradient_of_a_gradient() -> None:
    assert float(cornu.grad(cornu.grad(lambda x: x**3))(2.0)) == 12.0


def test_symbolic_shape_keeps_the_unknown_batch() -> None:
    assert layers.Dense(3)(cornu.Input((5,))).shape == (None, 3)


def test_fit_learns_a_line_and_predict_follows_it() -> None:
    cornu.utils.set_random_seed(0)
    x = np.linspace(-1, 1, 64, dtype="float32")[:, None]
    model = cornu.Sequential([cornu.Input((1,)), layers.Dense(1)])
    model.compile(cornu.optimizers.SGD(0.3), "mse")
    history = model.fit(x, 2 * x - 1, epochs=10, verbose=0).history["loss"]
    assert history[-1] < 1e-2 < history[0]
    assert np.abs(model.predict(x, verbose=0) - (2 * x - 1)).max() < 0.2


def test_state_written_inside_a_gradient_is_kept() -> None:
    count = cornu.Variable(0.0, trainable=False)

    def loss(x):  # type: ignore[no-untyped-def]
        count.assign_add(1.0)
        return ops.sum(x * x)

    assert cornu.grad(loss)(np.ones(2, "float32")).tolist() == [2.0, 2.0]
    assert float(count) == 1.0
