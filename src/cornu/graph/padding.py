"""The padding of the windows of convolution and pooling, in numbers."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["Padding", "Pairs", "pad_pairs"]

Pairs = tuple[tuple[int, int], ...]
Padding = str | Pairs


def pad_pairs(
    padding: Padding,
    sizes: Sequence[int],
    window: Sequence[int],
    strides: Sequence[int],
    dilation: Sequence[int] | None = None,
) -> Pairs:
    """Return (low, high) padding per spatial axis.

    "same": output = ceil(n / stride), total = max((output - 1) * stride + (w - 1) * dilation + 1
    - n, 0), the smaller half first.

    Args:
        padding: "valid", "same" or the pairs themselves.
        sizes: Spatial sizes of the input.
        window: Window or kernel size per axis.
        strides: Step per axis.
        dilation: Distance between taps per axis; `None` means one.

    Example:
        >>> pad_pairs("same", (5,), (2,), (1,))
        ((0, 1),)
    """
    if not isinstance(padding, str):
        return padding
    if padding == "valid":
        return ((0, 0),) * len(window)
    pairs = []
    for n, w, s, d in zip(sizes, window, strides, dilation or (1,) * len(window), strict=True):
        total = max((-(-n // s) - 1) * s + (w - 1) * d + 1 - n, 0)
        pairs.append((total // 2, total - total // 2))
    return tuple(pairs)
