"""How closely two results must agree. Every figure of a tolerance stands here and nowhere else.

A row of `tests/cases` or `tests/samples` names one of these; the dtype of the *computation* picks
the figures. Both sides round, so a bound covers the error of two float32 computations whose order
of summation, or whose polynomial for `exp`, differs. Agreement means
`abs(a - b) <= atol + rtol * abs(b)`.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Tolerance(NamedTuple):
    """The relative and the absolute part of a bound."""

    rtol: float
    atol: float


# Multiples of the unit roundoff: 2**-53, 2**-24, 2**-11 and 2**-8 (1.1e-16, 6e-8, 4.9e-4, 3.9e-3).
_UNIT: Final = {
    "float64": 2.0**-53,
    "float32": 2.0**-24,
    "float16": 2.0**-11,
    "bfloat16": 2.0**-8,
}

# name -> (relative part, absolute part), in units of roundoff.
_UNITS: Final = {
    "exact": (0, 0),  # moving, comparing, counting: the same bits
    "elementwise": (8, 2),  # a few correctly rounded operations
    "transcendental": (64, 16),  # exp, log, tanh: a few units each, several in a row
    "reduction": (256, 64),  # sums of up to some hundred terms in another order, cancellation
    "training": (16384, 4096),  # rounding carried through some dozens of update steps
}

# How far two loss curves from one seed may be apart, relatively, up to each of these steps.
CURVE: Final = {1: 1e-5, 20: 1e-4, 50: 1e-3}

# One function of float32 in the compiled core, in units in the last place of the result.
FUNCTION_ULPS: Final = 2

NAMES: Final = tuple(_UNITS)


def tolerance(name: str, dtype: str = "float32") -> Tolerance:
    """Return the bound called `name` for a computation in `dtype`.

    Args:
        name: One of `NAMES`.
        dtype: Name of a dtype; integers and booleans must agree exactly.

    Returns:
        The pair (rtol, atol), as `numpy.testing.assert_allclose` takes it.

    Raises:
        KeyError: `name` is not in `NAMES`.

    Example:
        >>> tolerance("exact")
        Tolerance(rtol=0.0, atol=0.0)
        >>> round(tolerance("elementwise").rtol / 2**-24)
        8
    """
    relative, absolute = _UNITS[name]
    unit = _UNIT.get(dtype, 0.0)
    return Tolerance(relative * unit, absolute * unit)
