"""A GAN with two optimizers in one `train_step`, on any backend: `cornu run examples/gan.py`.

The generator learns to draw points on a circle from noise. Goodfellow et al. 2014, "Generative
Adversarial Networks", arXiv:1406.2661.
"""

import numpy as np

import cornu
from cornu import layers, ops


class GAN(cornu.Model):
    """A generator and a discriminator, trained in turns.

    Args:
        latent: Size of the noise.
    """

    def __init__(self, latent=8, **kwargs):
        super().__init__(**kwargs)
        self.latent = latent
        self.generator = cornu.Sequential(
            [cornu.Input((latent,)), layers.Dense(32, activation="relu"), layers.Dense(2)]
        )
        self.discriminator = cornu.Sequential(
            [
                cornu.Input((2,)),
                layers.Dense(32, activation="relu"),
                layers.Dropout(0.1, seed=1),
                layers.Dense(1),
            ]
        )
        self.seed = cornu.random.SeedGenerator(7)
        self.d_loss = cornu.metrics.Mean(name="d_loss")
        self.g_loss = cornu.metrics.Mean(name="g_loss")

    def compile(self, d_optimizer, g_optimizer, **kwargs):
        super().compile(optimizer=None, **kwargs)
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer

    def call(self, noise, training=None):
        return self.generator(noise, training=training)

    def train_step(self, real):
        n = ops.shape(real)[0]
        cross_entropy = cornu.losses.BinaryCrossentropy(from_logits=True)
        noise = cornu.random.normal((n, self.latent), seed=self.seed)

        def discriminator_loss():
            fake = self.generator(noise, training=True)
            scores = self.discriminator(ops.concatenate([real, fake]), training=True)
            labels = ops.concatenate([ops.ones((n, 1)), ops.zeros((n, 1))])
            return cross_entropy(labels, scores)

        weights = self.discriminator.trainable_variables
        d_loss, gradients = cornu.value_and_grad(discriminator_loss, weights)()
        self.d_optimizer.apply(gradients, weights)

        noise = cornu.random.normal((n, self.latent), seed=self.seed)

        def generator_loss():
            scores = self.discriminator(self.generator(noise, training=True), training=True)
            return cross_entropy(ops.ones((n, 1)), scores)

        weights = self.generator.trainable_variables
        g_loss, gradients = cornu.value_and_grad(generator_loss, weights)()
        self.g_optimizer.apply(gradients, weights)

        self.d_loss.update_state(d_loss)
        self.g_loss.update_state(g_loss)
        return {m.name: m.result() for m in (self.d_loss, self.g_loss)}


def points_on_a_circle(n, seed=0):
    """Return n points of radius one, float32 (n, 2)."""
    angle = np.random.default_rng(seed).uniform(0, 2 * np.pi, n)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1).astype("float32")


def train(epochs=30, verbose=1):
    """Train on 1,000 points; return the model and its history."""
    cornu.utils.set_random_seed(0)
    model = GAN()
    model.compile(cornu.optimizers.Adam(2e-3), cornu.optimizers.Adam(1e-3))
    history = model.fit(points_on_a_circle(1000), batch_size=50, epochs=epochs, verbose=verbose)
    return model, history


if __name__ == "__main__":
    model, _ = train()
    drawn = model.predict(np.random.default_rng(1).standard_normal((200, model.latent)), verbose=0)
    print("mean radius:", float(np.linalg.norm(drawn, axis=1).mean()))
