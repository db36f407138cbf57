"""`Dim`: a dimension whose size is not known yet, with the arithmetic that shapes need.

A Dim is a polynomial with integer coefficients over atoms; an atom is a fresh symbol or the floor
of a quotient. That is enough for reshape, concatenate, convolution and pooling, and equality stays
exact. Whatever would need the size itself (`int`, `range`, `<`, `bool`) raises `UnknownDimension`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from typing import Union

from cornu.errors import UnknownDimension

__all__ = ["Dim", "DimLike", "Shape", "evaluate", "is_known", "public_shape", "same_dim", "size"]

DimLike = Union[int, "Dim"]
Shape = tuple[DimLike, ...]

# A monomial is a sorted tuple of atoms (repeated for powers); () is the constant term.
_Monomial = tuple["_Atom", ...]
_counter = itertools.count()


class _Atom:
    """A symbol, or floor(numerator / denominator) of polynomials."""

    __slots__ = ("key", "order", "quotient")

    def __init__(self, key: object, quotient: tuple[Dim, int] | None = None) -> None:
        self.key = key
        self.quotient = quotient
        self.order = next(_counter)

    def __lt__(self, other: _Atom) -> bool:
        return self.order < other.order


# Quotients of equal operands must be one atom, or equal shapes would compare as different.
_quotients: dict[tuple[object, int], _Atom] = {}


class Dim:
    """A symbolic dimension: `+ - *` with ints and Dims, `//`, `%`, `==` and hash.

    Example:
        >>> n = Dim.fresh()
        >>> (n * 2 + 4) // 2 == n + 2
        True
        >>> repr(n * 3)
        'None'
    """

    __slots__ = ("_key", "terms")

    def __init__(self, terms: Mapping[_Monomial, int]) -> None:
        self.terms = {m: c for m, c in terms.items() if c}
        self._key = frozenset(self.terms.items())

    @classmethod
    def fresh(cls) -> Dim:
        """Return a new symbol, equal to nothing but itself."""
        return cls({(_Atom(object()),): 1})

    # Arithmetic. Results that turn out constant become ints again.

    def __add__(self, other: DimLike) -> DimLike:
        terms = dict(self.terms)
        for m, c in _terms(other).items():
            terms[m] = terms.get(m, 0) + c
        return _simplest(terms)

    __radd__ = __add__

    def __neg__(self) -> DimLike:
        return _simplest({m: -c for m, c in self.terms.items()})

    def __sub__(self, other: DimLike) -> DimLike:
        return self + (-other)

    def __rsub__(self, other: DimLike) -> DimLike:
        return -self + other

    def __mul__(self, other: DimLike) -> DimLike:
        terms: dict[_Monomial, int] = {}
        for (m, c), (n, d) in itertools.product(self.terms.items(), _terms(other).items()):
            key = tuple(sorted((*m, *n)))
            terms[key] = terms.get(key, 0) + c * d
        return _simplest(terms)

    __rmul__ = __mul__

    def __floordiv__(self, other: DimLike) -> DimLike:
        exact = _exact_quotient(self, other)
        if exact is not None:
            return exact
        if isinstance(other, Dim):
            raise UnknownDimension(
                "An unknown dimension can't be divided by another one that doesn't divide it."
            )
        # Whole multiples leave the floor: (4n + 6) // 4 = n + 1 + 2 // 4 needs no atom then.
        whole = {m: c // other for m, c in self.terms.items() if c % other == 0}
        rest = {m: c % other for m, c in self.terms.items() if c % other}
        if list(rest) == [()]:
            return _simplest(whole) + rest[()] // other
        if () in self.terms and () not in whole:
            whole[()] = self.terms[()] // other
        remainder = Dim(rest)
        key = (remainder._key, other)
        atom = _quotients.get(key)
        if atom is None:
            atom = _quotients[key] = _Atom(key, (remainder, other))
        return _simplest(whole) + Dim({(atom,): 1})

    def __rfloordiv__(self, other: int) -> DimLike:
        exact = _exact_quotient(other, self)
        if exact is None:
            raise UnknownDimension(f"{other} can't be divided by a dimension of unknown size.")
        return exact

    def __mod__(self, other: DimLike) -> DimLike:
        return self - (self // other) * other

    def __truediv__(self, other: object) -> DimLike:
        raise UnknownDimension(
            "A dimension of unknown size can't be divided with `/`.",
            fix="Use `//`, or `ops.shape(x)` for a value that is known at run time.",
        )

    __rtruediv__ = __truediv__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Dim):
            return self._key == other._key
        return False

    def __hash__(self) -> int:
        return hash(self._key)

    # Whatever needs the size itself.

    def _unknown(self, *args: object) -> int:
        raise UnknownDimension(
            "The size of this dimension is not known yet (it is None in the model's input).",
            fix="Give the size in `Input(shape=...)`, or compute with `ops.shape(x)`.",
        )

    __int__ = __index__ = __float__ = _unknown
    __lt__ = __le__ = __gt__ = __ge__ = __bool__ = _unknown

    def __repr__(self) -> str:
        return "None"


def _terms(x: DimLike) -> Mapping[_Monomial, int]:
    return x.terms if isinstance(x, Dim) else {(): int(x)}


def _simplest(terms: Mapping[_Monomial, int]) -> DimLike:
    terms = {m: c for m, c in terms.items() if c}
    if not terms:
        return 0
    if len(terms) == 1 and () in terms:
        return terms[()]
    return Dim(terms)


def _exact_quotient(a: DimLike, b: DimLike) -> DimLike | None:
    """Return a / b where b is one monomial that divides every term of a, else None."""
    divisor = _terms(b)
    if len(divisor) != 1:
        return 1 if a == b else None
    ((atoms, coefficient),) = divisor.items()
    if coefficient == 0:
        raise ZeroDivisionError("division of a dimension by zero")
    quotient: dict[_Monomial, int] = {}
    for m, c in _terms(a).items():
        left = list(m)
        for atom in atoms:
            if atom not in left:
                return None
            left.remove(atom)
        if c % coefficient:
            return None
        quotient[tuple(left)] = c // coefficient
    return _simplest(quotient)


def is_known(shape: Iterable[DimLike]) -> bool:
    """Say whether every dimension is an int."""
    return not any(isinstance(d, Dim) for d in shape)


def same_dim(a: DimLike, b: DimLike) -> bool:
    """Say whether two dimensions may be equal: unknown ones agree with anything.

    Rules compare with this, never with `==`: a `None` that meets 5 is checked when it is known.
    """
    if isinstance(a, Dim) or isinstance(b, Dim):
        return True
    return a == b


def size(shape: Iterable[DimLike]) -> DimLike:
    """Return the number of elements."""
    product: DimLike = 1
    for d in shape:
        product = product * d
    return product


def public_shape(shape: Iterable[DimLike]) -> tuple[int | None, ...]:
    """Return the shape as the API shows it: None for what is not known."""
    return tuple(None if isinstance(d, Dim) else d for d in shape)


def evaluate(d: DimLike, sizes: Mapping[Dim, int]) -> int:
    """Return the size of `d` where every symbol has the size given.

    Raises:
        KeyError: If a symbol has no size.
    """
    if not isinstance(d, Dim):
        return d
    total = 0
    for atoms, coefficient in d.terms.items():
        total += coefficient * math.prod(_atom_size(a, sizes) for a in atoms)
    return total


def _atom_size(atom: _Atom, sizes: Mapping[Dim, int]) -> int:
    if atom.quotient is None:
        return sizes[Dim({(atom,): 1})]
    numerator, denominator = atom.quotient
    return evaluate(numerator, sizes) // denominator
