"""A Wasserstein GAN with gradient penalty: a gradient of a gradient, on any backend.

Gulrajani et al. 2017, "Improved Training of Wasserstein GANs", arXiv:1704.00028.
"""

import numpy as np

import cornu
from cornu import layers, ops


class WGAN(cornu.Model):
    """A generator and a critic whose slope is kept near one.

    Args:
        latent: Size of the noise.
        critic_steps: Updates of the critic for one of the generator.
    """

    def __init__(self, latent=4, critic_steps=3, **kwargs):
        super().__init__(**kwargs)
        self.latent, self.critic_steps = latent, critic_steps
        self.generator = cornu.Sequential(
            [
                cornu.Input((latent,)),
                layers.Dense(32),
                layers.BatchNormalization(),
                layers.Activation("relu"),
                layers.Dense(2),
            ]
        )
        self.critic = cornu.Sequential(
            [cornu.Input((2,)), layers.Dense(32, activation="tanh"), layers.Dense(1)]
        )
        self.seed = cornu.random.SeedGenerator(7)
        self.c_loss = cornu.metrics.Mean(name="c_loss")
        self.g_loss = cornu.metrics.Mean(name="g_loss")

    def compile(self, critic_optimizer, generator_optimizer, **kwargs):
        super().compile(optimizer=None, **kwargs)
        self.critic_optimizer = critic_optimizer
        self.generator_optimizer = generator_optimizer

    def call(self, noise, training=None):
        return self.generator(noise, training=training)

    def train_step(self, real):
        n = ops.shape(real)[0]
        for _ in range(self.critic_steps):
            noise = cornu.random.normal((n, self.latent), seed=self.seed)

            def critic_loss(noise=noise):
                fake = self.generator(noise, training=True)
                share = cornu.random.uniform((n, 1), seed=self.seed)
                between = share * real + (1 - share) * fake
                slope = cornu.grad(lambda x: ops.sum(self.critic(x, training=True)))(between)
                penalty = ops.mean((ops.norm(slope, axis=-1) - 1) ** 2)
                return ops.mean(self.critic(fake) - self.critic(real)) + 10 * penalty

            weights = self.critic.trainable_variables
            c_loss, gradients = cornu.value_and_grad(critic_loss, weights)()
            self.critic_optimizer.apply(gradients, weights)
            self.c_loss.update_state(c_loss)

        noise = cornu.random.normal((n, self.latent), seed=self.seed)

        def generator_loss():
            return -ops.mean(self.critic(self.generator(noise, training=True)))

        weights = self.generator.trainable_variables
        g_loss, gradients = cornu.value_and_grad(generator_loss, weights)()
        self.generator_optimizer.apply(gradients, weights)
        self.g_loss.update_state(g_loss)
        return {m.name: m.result() for m in (self.c_loss, self.g_loss)}


def train(epochs=20, verbose=1):
    """Train on two clusters of points; return the model and its history."""
    cornu.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    centers = random.choice([-1.0, 1.0], (600, 1))
    data = (centers + 0.1 * random.standard_normal((600, 2))).astype("float32")
    model = WGAN()
    model.compile(cornu.optimizers.Adam(2e-3, beta_1=0.5), cornu.optimizers.Adam(1e-3, beta_1=0.5))
    return model, model.fit(data, batch_size=60, epochs=epochs, verbose=verbose)


if __name__ == "__main__":
    model, _ = train()
    drawn = model.predict(np.random.default_rng(1).standard_normal((200, model.latent)), verbose=0)
    print("mean distance from the origin:", float(np.linalg.norm(drawn, axis=1).mean()))
