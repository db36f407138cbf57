"""`SpatialDropout1D`, `SpatialDropout2D`, `SpatialDropout3D`: whole channels dropped."""

from __future__ import annotations

from typing import Any

from cornu import random
from cornu.layers.arguments import data_format_of, shape_of
from cornu.layers.input_spec import InputSpec
from cornu.layers.regularization.dropout import Dropout

__all__ = ["SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"]


class _SpatialDropout(Dropout):
    """What the three share: one draw for each channel of each sample."""

    _cornu_not_in_config = ("noise_shape",)

    def __init__(
        self, rank: int, rate: float, seed: int | None, name: str | None, dtype: Any
    ) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.input_spec = InputSpec(ndim=rank + 2)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Drop channels in training; return the inputs otherwise."""
        if not training or self.rate == 0:
            return inputs
        shape = shape_of(inputs)
        ones = [1] * (len(shape) - 2)
        if getattr(self, "data_format", "channels_last") == "channels_first":
            noise = (*shape[:2], *ones)
        else:
            noise = (shape[0], *ones, shape[-1])
        return random.dropout(inputs, self.rate, noise_shape=noise, seed=self.seed_generator)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer: these have no `trainable`."""
        config = super().get_config()
        del config["trainable"]
        return {**config, "dtype": self.dtype}


class SpatialDropout1D(_SpatialDropout):
    """In training, each channel of a sequence becomes 0 as a whole with probability `rate`.

    Args:
        rate: The probability, from 0 to 1.
        seed: An int for the same noise in every run; None draws a seed.
        name: Its name.
        dtype: A dtype or policy.

    Shapes:
        inputs: (n, steps, c) -> the same

    References:
        Tompson et al. 2015, "Efficient object localization using convolutional networks",
        arXiv:1411.4280.

    Example:
        >>> cornu.layers.SpatialDropout1D(0.5)(np.ones((1, 2, 3))).shape
        (1, 2, 3)
    """

    def __init__(
        self, rate: float, seed: int | None = None, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(1, rate, seed, name, dtype)


class SpatialDropout2D(_SpatialDropout):
    """In training, each channel of an image becomes 0 as a whole with probability `rate`.

    Args:
        rate: The probability, from 0 to 1.
        data_format: "channels_last", (n, rows, columns, c), or "channels_first",
            (n, c, rows, columns). None: `config.image_data_format()`.
        seed: An int for the same noise in every run; None draws a seed.
        name: Its name.
        dtype: A dtype or policy.

    Shapes:
        inputs: (n, h, w, c) -> the same

    References:
        Tompson et al. 2015, "Efficient object localization using convolutional networks",
        arXiv:1411.4280.

    Example:
        >>> cornu.layers.SpatialDropout2D(0.5)(np.ones((1, 6, 6, 2))).shape
        (1, 6, 6, 2)
    """

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(2, rate, seed, name, dtype)
        self.data_format = data_format_of(data_format)


class SpatialDropout3D(_SpatialDropout):
    """In training, each channel of a volume becomes 0 as a whole with probability `rate`.

    Args:
        rate: The probability, from 0 to 1.
        data_format: "channels_last", (n, depth, rows, columns, c), or "channels_first",
            (n, c, depth, rows, columns). None: `config.image_data_format()`.
        seed: An int for the same noise in every run; None draws a seed.
        name: Its name.
        dtype: A dtype or policy.

    Shapes:
        inputs: (n, d, h, w, c) -> the same

    References:
        Tompson et al. 2015, "Efficient object localization using convolutional networks",
        arXiv:1411.4280.

    Example:
        >>> cornu.layers.SpatialDropout3D(0.5)(np.ones((1, 6, 6, 6, 2))).shape
        (1, 6, 6, 6, 2)
    """

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(3, rate, seed, name, dtype)
        self.data_format = data_format_of(data_format)
