"""`UpSampling1D`, `UpSampling2D`, `UpSampling3D`: larger by whole factors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.errors import ArgumentTypeError
from cornu.layers.arguments import data_format_of, one_of, positive_int, shape_of, sizes
from cornu.layers.input_spec import InputSpec
from cornu.layers.layer import Layer

__all__ = ["UpSampling1D", "UpSampling2D", "UpSampling3D"]

Sizes = int | Sequence[int]
_INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")


def _repeated(x: Any, factors: Sequence[int], first: bool) -> Any:
    """Return each value as a block of itself."""
    for axis, factor in enumerate(factors, 2 if first else 1):
        if factor != 1:
            x = ops.repeat(x, factor, axis=axis)
    return x


class UpSampling1D(Layer):
    """Each step of a sequence several times.

    Args:
        size: How often.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, steps, c) -> (n, size * steps, c)

    Example:
        >>> cornu.layers.UpSampling1D(2)(np.array([[[1.0], [2.0]]]))[0, :, 0]
        Array([1., 1., 2., 2.], dtype=float32)
    """

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(size, bool) or not isinstance(size, int):
            raise ArgumentTypeError("UpSampling1D", "`size` must be an int", size=size)
        self.size = positive_int("UpSampling1D", "size", size)
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Any) -> Any:
        """Repeat the steps."""
        return _repeated(inputs, (self.size,), False)


class UpSampling2D(Layer):
    """Images enlarged by whole factors.

    Args:
        size: Factors of rows and columns, or one for both.
        data_format: "channels_last", (n, rows, columns, c), or "channels_first",
            (n, c, rows, columns). None: `config.image_data_format()`.
        interpolation: "nearest": each pixel as a block; or "bilinear", "bicubic", "lanczos3",
            "lanczos5".
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, h, w, c) -> (n, size[0] * h, size[1] * w, c)

    Example:
        >>> cornu.layers.UpSampling2D(2)(np.zeros((1, 3, 4, 1))).shape
        (1, 6, 8, 1)
    """

    def __init__(
        self,
        size: Sizes = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format_of(data_format)
        self.size = sizes("UpSampling2D", "size", size, 2)
        self.interpolation = one_of(
            "UpSampling2D", "interpolation", interpolation, *_INTERPOLATIONS
        )
        self.input_spec = InputSpec(ndim=4)

    def call(self, inputs: Any) -> Any:
        """Enlarge the images."""
        first = self.data_format == "channels_first"
        if self.interpolation == "nearest":
            return _repeated(inputs, self.size, first)
        before = 2 if first else 1
        rows, columns = shape_of(inputs)[before : before + 2]
        return ops.image.resize(
            inputs,
            (self.size[0] * rows, self.size[1] * columns),
            interpolation=self.interpolation,
            data_format=self.data_format,
        )


class UpSampling3D(Layer):
    """Volumes enlarged by whole factors: each value as a block of itself.

    Args:
        size: Factors of depth, rows and columns, or one for all.
        data_format: "channels_last", (n, depth, rows, columns, c), or "channels_first",
            (n, c, depth, rows, columns). None: `config.image_data_format()`.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, d, h, w, c) -> (n, size[0] * d, size[1] * h, size[2] * w, c)

    Example:
        >>> cornu.layers.UpSampling3D(2)(np.zeros((1, 2, 3, 4, 1))).shape
        (1, 4, 6, 8, 1)
    """

    def __init__(
        self, size: Sizes = (2, 2, 2), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format_of(data_format)
        self.size = sizes("UpSampling3D", "size", size, 3)
        self.input_spec = InputSpec(ndim=5)

    def call(self, inputs: Any) -> Any:
        """Repeat the values."""
        return _repeated(inputs, self.size, self.data_format == "channels_first")
