"""A physics-informed network for the heat equation u_t = a u_xx: second derivatives, any backend.

Raissi, Perdikaris and Karniadakis 2019, "Physics-informed neural networks", Journal of
Computational Physics 378. The exact solution for u(0, x) = sin(pi x) is exp(-a pi^2 t) sin(pi x).
"""

import numpy as np

import cornu
from cornu import layers, ops

DIFFUSIVITY = 0.1


class Heat(cornu.Model):
    """u(t, x) as a small network, trained on the equation, the start and the borders."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.net = cornu.Sequential(
            [
                cornu.Input((2,)),
                layers.Dense(24, activation="tanh"),
                layers.Dense(24, activation="tanh"),
                layers.Dense(1),
            ]
        )

    def call(self, inputs):
        return self.net(inputs)

    def u(self, t, x):
        """Return u at times and places of shape (n, 1)."""
        return self.net(ops.concatenate([t, x], axis=1))

    def train_step(self, data):
        t, x = data

        def total(t, x):
            return ops.sum(self.u(t, x))

        u_t, u_x = cornu.grad(total, 0), cornu.grad(total, 1)
        u_xx = cornu.grad(lambda t, x: ops.sum(u_x(t, x)), 1)

        def loss():
            zero, one = ops.zeros_like(t), ops.ones_like(t)
            equation = ops.mean((u_t(t, x) - DIFFUSIVITY * u_xx(t, x)) ** 2)
            start = ops.mean((self.u(zero, x) - ops.sin(np.pi * x)) ** 2)
            borders = ops.mean(self.u(t, zero) ** 2) + ops.mean(self.u(t, one) ** 2)
            return equation + 5 * (start + borders)

        weights = self.trainable_variables
        value, gradients = cornu.value_and_grad(loss, weights)()
        self.optimizer.apply(gradients, weights)
        return {"loss": value}


def train(epochs=60, verbose=1):
    """Train on 1,000 random times and places; return the model and its history."""
    cornu.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    t, x = (random.uniform(size=(1000, 1)).astype("float32") for _ in range(2))
    model = Heat()
    model.compile(cornu.optimizers.Adam(5e-3))
    return model, model.fit(t, x, batch_size=100, epochs=epochs, verbose=verbose)


def error(model):
    """Return the largest difference from the exact solution on a grid."""
    t, x = np.meshgrid(np.linspace(0, 1, 21), np.linspace(0, 1, 21))
    points = np.stack([t.ravel(), x.ravel()], axis=1).astype("float32")
    exact = np.exp(-DIFFUSIVITY * np.pi**2 * points[:, 0]) * np.sin(np.pi * points[:, 1])
    return float(np.abs(model.predict(points, verbose=0)[:, 0] - exact).max())


if __name__ == "__main__":
    model, _ = train()
    print("largest error:", error(model))
