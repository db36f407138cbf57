"""Gradient accumulation by hand: assignments inside `cond`, on any backend.

`Optimizer(gradient_accumulation_steps=k)` does the same; this shows how to write such a thing.
"""

import numpy as np

import cornu
from cornu import layers, ops


class Accumulating(cornu.Model):
    """A classifier that applies the mean gradient of `every` batches.

    Args:
        every: Batches for one update.
    """

    def __init__(self, every=4, **kwargs):
        super().__init__(**kwargs)
        self.every = every
        self.hidden = layers.Dense(16, activation="tanh")
        self.head = layers.Dense(3)

    def build(self, input_shape):
        self.hidden.build(input_shape)
        self.head.build((*input_shape[:-1], 16))
        self.sums = [
            cornu.Variable(ops.zeros(v.shape), trainable=False) for v in self.trainable_variables
        ]
        self.count = cornu.Variable(0, dtype="int32", trainable=False)

    def call(self, x):
        return self.head(self.hidden(x))

    def train_step(self, data):
        x, y, sample_weight = cornu.utils.unpack_x_y_sample_weight(data)

        def loss():
            y_pred = self(x, training=True)
            return self.compute_loss(x, y, y_pred, sample_weight), y_pred

        weights = self.trainable_variables
        (value, y_pred), gradients = cornu.value_and_grad(loss, weights, has_aux=True)()
        for total, gradient in zip(self.sums, gradients, strict=True):
            total.assign_add(gradient)
        self.count.assign_add(1)

        def update():
            self.optimizer.apply([total / self.every for total in self.sums], weights)
            for total in self.sums:
                total.assign(ops.zeros_like(total))

        ops.cond(ops.equal(self.count % self.every, 0), update, lambda: None)
        return self.compute_metrics(x, y, y_pred, sample_weight) | {"loss": value}


def data(n=512, seed=0):
    """Return points in the plane and the sector that each lies in."""
    x = np.random.default_rng(seed).standard_normal((n, 2)).astype("float32")
    sector = np.floor((np.arctan2(x[:, 1], x[:, 0]) + np.pi) / (2 * np.pi / 3))
    return x, np.clip(sector, 0, 2).astype("int32")


def train(epochs=10, verbose=1, every=4):
    """Train; return the model and its history."""
    cornu.utils.set_random_seed(0)
    model = Accumulating(every)
    model.compile(
        cornu.optimizers.Adam(0.05),
        cornu.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    x, y = data()
    return model, model.fit(x, y, batch_size=16, epochs=epochs, verbose=verbose)


if __name__ == "__main__":
    train()
