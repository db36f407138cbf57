"""Four workloads written directly in JAX: one jitted step each, the optimizer by hand.

Shapes, dtypes, optimizers and their settings are those of `workloads.py`. As `fit` does, an epoch
takes the samples in a new order and sums up the loss and the accuracy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

__all__ = ["BUILDERS", "Model"]

Weights = dict[str, Any]
# Weights, inputs, the key of the dropout (none when predicting) to logits.
Forward = Callable[[Weights, Any, Any], Any]
RATE, EPSILON = 1e-3, 1e-7


class Model:
    """Weights and jitted functions, under the few names of Keras that `measure.py` uses.

    Args:
        forward: Gives logits; their last axis is the classes.
        weights: Where to start from.
        update: Of the optimizer: weights, its state, gradients to new weights and state.
        optimizer: The optimizer's state.
    """

    def __init__(
        self, forward: Forward, weights: Weights, update: Callable[..., Any], optimizer: Any
    ) -> None:
        def loss_of(weights: Weights, x: Any, y: Any, key: Any) -> Any:
            logits = forward(weights, x, key)
            labels = y if y.ndim < logits.ndim else y.argmax(-1)
            one_hot = jax.nn.one_hot(y, logits.shape[-1]) if y.ndim < logits.ndim else y
            loss = -(one_hot * jax.nn.log_softmax(logits)).sum(-1).mean()
            return loss, (logits.argmax(-1) == labels).sum()

        def step(state: Any, totals: Any, x: Any, y: Any) -> Any:
            weights, optimizer, key = state
            key, used = jax.random.split(key)
            (loss, hits), gradients = jax.value_and_grad(loss_of, has_aux=True)(weights, x, y, used)
            weights, optimizer = update(weights, optimizer, gradients)
            return (weights, optimizer, key), (totals[0] + loss * len(x), totals[1] + hits)

        self._step = jax.jit(step, donate_argnums=(0, 1))
        self._forward = jax.jit(lambda weights, x: jax.nn.softmax(forward(weights, x, None)))
        self._state = weights, optimizer, jax.random.key(0)
        self._random = np.random.default_rng(0)

    def count_params(self) -> int:
        """Return the number of weights."""
        return sum(w.size for w in self._state[0].values())

    def fit(self, x: Any, y: Any, batch_size: int, epochs: int = 1, verbose: int = 0) -> float:
        """Train; return the mean loss of the last epoch."""
        for _ in range(epochs):
            totals = np.zeros((), "float32"), np.zeros((), "int32")
            order = self._random.permutation(len(x))
            for start in range(0, len(x), batch_size):
                index = order[start : start + batch_size]
                self._state, totals = self._step(self._state, totals, x[index], y[index])
        return float(totals[0]) / len(x)

    def __call__(self, x: Any) -> Any:
        """Return the probabilities."""
        return self._forward(self._state[0], x)

    def predict(self, x: Any, verbose: int = 0) -> Any:
        """Return the probabilities as an ndarray."""
        return np.asarray(self(x))


def _rmsprop(forward: Forward, weights: Weights) -> Model:
    def update(weights: Weights, squares: Weights, gradients: Weights) -> Any:
        squares = jax.tree.map(lambda s, g: 0.9 * s + 0.1 * g * g, squares, gradients)
        weights = jax.tree.map(
            lambda w, s, g: w - RATE * g * jax.lax.rsqrt(s + EPSILON), weights, squares, gradients
        )
        return weights, squares

    return Model(forward, weights, update, jax.tree.map(jnp.zeros_like, weights))


def _adam(forward: Forward, weights: Weights) -> Model:
    def update(weights: Weights, state: Any, gradients: Weights) -> Any:
        means, squares, t = state
        t = t + 1
        rate = RATE * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        means = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, means, gradients)
        squares = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, squares, gradients)
        weights = jax.tree.map(
            lambda w, m, s: w - rate * m / (jnp.sqrt(s) + EPSILON), weights, means, squares
        )
        return weights, (means, squares, t)

    # Two sets of zeros: an array can be donated once.
    zeros = [jax.tree.map(jnp.zeros_like, weights) for _ in range(2)]
    return Model(forward, weights, update, (*zeros, jnp.zeros((), "float32")))


def _matrices(**shapes: tuple[int, ...]) -> Weights:
    """Return a kernel by Glorot's rule and a bias for each name: `name`, `name_bias`."""
    random = np.random.default_rng(0)
    weights = {}
    for name, shape in shapes.items():
        fans = (shape[-1] + shape[-2]) * np.prod(shape[:-2])
        limit = np.sqrt(6 / fans)
        weights[name] = jnp.asarray(random.uniform(-limit, limit, shape), "float32")
        weights[f"{name}_bias"] = jnp.zeros(shape[-1:])
    return weights


def _dense(w: Weights, name: str, x: Any) -> Any:
    return x @ w[name] + w[f"{name}_bias"]


def _dropout(x: Any, rate: float, key: Any) -> Any:
    if key is None:
        return x
    return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0)


def reference() -> Model:
    """The reference program: 100-32-10, RMSprop."""

    def forward(w: Weights, x: Any, key: Any) -> Any:
        return _dense(w, "b", jax.nn.relu(_dense(w, "a", x)))

    return _rmsprop(forward, _matrices(a=(100, 32), b=(32, 10)))


def mlp() -> Model:
    """784-512-512-10 with dropout, RMSprop."""

    def forward(w: Weights, x: Any, key: Any) -> Any:
        keys = (None, None) if key is None else jax.random.split(key)
        x = _dropout(jax.nn.relu(_dense(w, "a", x)), 0.2, keys[0])
        x = _dropout(jax.nn.relu(_dense(w, "b", x)), 0.2, keys[1])
        return _dense(w, "c", x)

    return _rmsprop(forward, _matrices(a=(784, 512), b=(512, 512), c=(512, 10)))


def convnet() -> Model:
    """The MNIST convnet, Adam."""

    def convolution(w: Weights, name: str, x: Any) -> Any:
        x = jax.lax.conv_general_dilated(
            x, w[name], (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        x = jax.nn.relu(x + w[f"{name}_bias"])
        window = (1, 2, 2, 1)
        return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, window, window, "VALID")

    def forward(w: Weights, x: Any, key: Any) -> Any:
        x = convolution(w, "b", convolution(w, "a", x))
        return _dense(w, "c", _dropout(x.reshape(len(x), -1), 0.5, key))

    return _adam(forward, _matrices(a=(3, 3, 1, 32), b=(3, 3, 32, 64), c=(1600, 10)))


def tiny() -> Model:
    """The tiny transformer: 10 symbols, 33 positions, width 6, one head, Adam."""

    def normalized(w: Weights, name: str, x: Any) -> Any:
        centred = x - x.mean(-1, keepdims=True)
        scale = jax.lax.rsqrt((centred * centred).mean(-1, keepdims=True) + 1e-3)
        return centred * scale * w[f"{name}_gamma"] + w[f"{name}_beta"]

    def forward(w: Weights, tokens: Any, key: Any) -> Any:
        x = w["symbols"][tokens] + w["positions"]
        scores = _dense(w, "query", x) @ _dense(w, "key", x).mT * 6**-0.5
        visible = jnp.tril(jnp.ones(scores.shape[-2:], bool))
        attention = jax.nn.softmax(jnp.where(visible, scores, -jnp.inf))
        x = normalized(w, "first", x + _dense(w, "output", attention @ _dense(w, "value", x)))
        y = _dense(w, "down", jax.nn.relu(_dense(w, "up", x)))
        return _dense(w, "head", normalized(w, "second", x + y))

    weights = _matrices(
        **dict.fromkeys(("query", "key", "value", "output"), (6, 6)),
        up=(6, 4),
        down=(4, 6),
        head=(6, 10),
    )
    random = np.random.default_rng(1)
    for name, rows in (("symbols", 10), ("positions", 33)):
        weights[name] = jnp.asarray(random.uniform(-0.05, 0.05, (rows, 6)), "float32")
    for name in ("first", "second"):
        weights |= {f"{name}_gamma": jnp.ones(6), f"{name}_beta": jnp.zeros(6)}
    return _adam(forward, weights)


BUILDERS: dict[str, Callable[[], Model]] = {
    "reference": reference,
    "mlp": mlp,
    "convnet": convnet,
    "tiny": tiny,
}
