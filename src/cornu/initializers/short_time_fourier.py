"""`STFT`: kernels of a convolution that computes a short-time Fourier transform."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu.errors import ArgumentError, MissingLibraryError, ShapeError
from cornu.initializers.initializer import Initializer, to_tensor
from cornu.ops.op import Tensor

__all__ = ["STFT"]

_NDArray = np.ndarray[Any, Any]

# Windows that are sums of cosines: a_0 - a_1 cos(t) + a_2 cos(2 t) - ..., for t from 0 to 2 pi.
_COSINES: dict[str, tuple[float, ...]] = {
    "boxcar": (1.0,),
    "box": (1.0,),
    "ones": (1.0,),
    "rect": (1.0,),
    "rectangular": (1.0,),
    "hann": (0.5, 0.5),
    "han": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "hamm": (0.54, 0.46),
    "ham": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
    "black": (0.42, 0.5, 0.08),
    "blk": (0.42, 0.5, 0.08),
    "nuttall": (0.3635819, 0.4891775, 0.1365995, 0.0106411),
    "blackmanharris": (0.35875, 0.48829, 0.14128, 0.01168),
    "flattop": (0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
}


def _named_window(name: str, length: int, periodic: bool) -> _NDArray:
    """Return a window by the name that SciPy gives it."""
    weights = _COSINES.get(name)
    if weights is None:
        return _window_of_scipy(name, length, periodic)
    if length == 1:
        return np.ones(1)
    t = 2 * np.pi * np.arange(length) / (length if periodic else length - 1)
    return np.asarray(sum(a * (-1) ** k * np.cos(k * t) for k, a in enumerate(weights)))


def _window_of_scipy(name: str, length: int, periodic: bool) -> _NDArray:
    try:
        import scipy.signal  # optional: the windows above need no library
    except ModuleNotFoundError as error:
        raise MissingLibraryError(
            "STFT",
            f"the window {name!r} needs the library SciPy, which is not installed",
            fix="pip install scipy\n"
            f"or use one of {', '.join(sorted(_COSINES))}, or an array of values.",
        ) from error
    try:
        return np.asarray(scipy.signal.get_window(name, length, periodic))
    except ValueError as error:
        raise ArgumentError("STFT", "there is no such window", window=name) from error


class STFT(Initializer):
    """One cosine or sine per frequency, under a window.

    kernel[t, 0, k] = window[t] cos(-2 pi k t / n) / scale, for n = 2 (frequencies - 1), with sin
    for `side="imag"`.

    Args:
        side: "real" or "imag".
        window: Name of a window ("hann", "hamming", "blackman", ...; with SciPy installed also its
            others), an array of values, or None.
        scaling: "density": divide by the window's root sum of squares. "spectrum": by its sum.
            None: not at all.
        periodic: Whether the window is one period of a periodic one.

    Shapes:
        (window length, 1, frequencies)

    Raises:
        ValueError: If an argument is not one of these, or the window has another length.

    Example:
        >>> STFT()((8, 1, 5)).shape
        (8, 1, 5)
    """

    def __init__(
        self,
        side: str = "real",
        window: Any = "hann",
        scaling: str | None = "density",
        periodic: bool = False,
    ) -> None:
        if side not in ("real", "imag"):
            raise ArgumentError("STFT", 'side must be "real" or "imag"', side=side)
        if isinstance(window, str):
            _named_window(window, 1, periodic)
        if scaling not in (None, "density", "spectrum"):
            raise ArgumentError(
                "STFT", 'scaling must be "density", "spectrum" or None', scaling=scaling
            )
        self.side = side
        self.window = window
        self.scaling = scaling
        self.periodic = periodic

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Return values; see `Initializer`."""
        length, _, frequencies = shape
        t = np.arange(length).reshape(-1, 1, 1)
        k = np.arange(frequencies).reshape(1, 1, -1)
        angle = -2.0 * np.pi * t * k / (2 * (frequencies - 1))
        kernel = np.cos(angle) if self.side == "real" else np.sin(angle)
        if self.window is None:
            return to_tensor(kernel, dtype)
        window = self.window
        if isinstance(window, str):
            window = _named_window(window, length, self.periodic)
        window = np.asarray(window, np.float64)
        if window.shape != (length,):
            raise ShapeError(
                "STFT", f"the window must have {length} values", window=window, shape=tuple(shape)
            )
        scale = 1.0
        if self.scaling == "density":
            scale = float(np.sqrt(np.sum(np.square(window))))
        elif self.scaling == "spectrum":
            scale = float(np.sum(np.abs(window)))
        return to_tensor(kernel * window.reshape(-1, 1, 1) / scale, dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal initializer."""
        return {
            "side": self.side,
            "window": self.window,
            "periodic": self.periodic,
            "scaling": self.scaling,
        }
