"""`SpectralNormalization`: another layer whose weight keeps the spectral norm one."""

from __future__ import annotations

from typing import Any

from cornu import initializers, ops
from cornu.errors import ArgumentError
from cornu.layers.arguments import positive_int
from cornu.layers.core.wrapper import Wrapper
from cornu.layers.input_spec import InputSpec

__all__ = ["SpectralNormalization"]


class SpectralNormalization(Wrapper):
    """In training, divide the weight of the layer inside by its largest singular value.

    The value is estimated by power iteration from a vector that is kept.

    Args:
        layer: A layer with a `kernel` or `embeddings`.
        power_iterations: Steps of the iteration in each call.
        **kwargs: Arguments of `Layer`.

    References:
        Miyato et al. 2018, "Spectral Normalization for Generative Adversarial Networks",
        arXiv:1802.05957.

    Example:
        >>> layer = cornu.layers.SpectralNormalization(cornu.layers.Dense(2))
        >>> layer(np.ones((1, 3)), training=True).shape
        (1, 2)
    """

    def __init__(self, layer: Any, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.power_iterations = positive_int(
            "SpectralNormalization", "power_iterations", power_iterations
        )

    def build(self, input_shape: Any = None) -> None:
        """Build the layer inside, and make the vector of the iteration."""
        super().build(input_shape)
        self._cornu_tracking().unlock()
        self.input_spec = InputSpec(min_ndim=1, axes={-1: input_shape[-1]})
        weight = getattr(self.layer, "kernel", None)
        weight = getattr(self.layer, "embeddings", None) if weight is None else weight
        if weight is None:
            raise ArgumentError(
                "SpectralNormalization",
                "the layer has neither `kernel` nor `embeddings`",
                layer=self.layer,
            )
        self.kernel = weight
        self.vector_u = self.add_weight(
            shape=(1, weight.shape[-1]),
            initializer=initializers.TruncatedNormal(stddev=0.02),
            dtype=weight.dtype,
            trainable=False,
            name="vector_u",
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Normalize the weight in training, then call the layer."""
        if training:
            u, kernel = ops.cond(
                ops.all(ops.equal(self.kernel, 0.0)),  # it has no direction to iterate towards
                lambda: (self.vector_u.value, self.kernel.value),
                self.normalized_weights,
            )
            self.vector_u.assign(u)
            self.kernel.assign(kernel)
        return ops.cast(self.layer(inputs), ops.dtype(inputs))

    def normalized_weights(self) -> tuple[Any, Any]:
        """Return the next vector of the iteration, and the weight with spectral norm one."""
        matrix = ops.reshape(self.kernel, (-1, self.kernel.shape[-1]))
        u = self.vector_u.value
        v = u
        for _ in range(self.power_iterations):
            v = ops.normalize(ops.matmul(u, ops.transpose(matrix)), axis=-1)
            u = ops.normalize(ops.matmul(v, matrix), axis=-1)
        u, v = ops.stop_gradient(u), ops.stop_gradient(v)
        sigma = ops.matmul(ops.matmul(v, matrix), ops.transpose(u))
        kernel = ops.reshape(ops.divide(matrix, sigma), self.kernel.shape)
        return ops.cast(u, self.vector_u.dtype), ops.cast(kernel, self.kernel.dtype)
