"""`einsum`: sums of products in index notation, one `dot` for each pair of operands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import Dim, DimLike
from cornu.graph.spec import shape_of, spec_of
from cornu.ops.op import ArrayLike, Tensor, dtype_of, op, promote, to_dtype
from cornu.ops.products import contracted
from cornu.primitives import elementwise as p
from cornu.primitives import shape
from cornu.primitives.index import take_along_axis
from cornu.primitives.reduce import reduce_any, reduce_sum

__all__ = ["einsum"]

# An operand and the label of each of its axes. Labels are letters, or "0", "1", ... for the axes of
# an ellipsis, counted from the last one.
_Term = tuple[Tensor, list[str]]


@op
def einsum(subscripts: str, *operands: ArrayLike, **kwargs: Any) -> Tensor:
    """Multiply arrays and sum over the labels that the result doesn't have.

    Args:
        subscripts: A label for each axis of each operand, and those of the result: "ij,jk->ik".
            Without "->" the result has the labels that come once, in alphabetic order. "..."
            stands for any further axes, which broadcast.
        *operands: The arrays.
        **kwargs: `optimize` is allowed and changes nothing.

    Raises:
        ArgumentError: If the notation doesn't fit the operands.
        ShapeError: If axes of one label differ in size.

    Example:
        >>> einsum("ij,j->i", [[1, 2], [3, 4]], [1, 10])
        Array([21, 43], dtype=int32)
    """
    unknown = set(kwargs) - {"optimize"}
    if unknown:
        raise ArgumentError("einsum", f"there is no argument {sorted(unknown)[0]!r}")
    narrow = all(hasattr(x, "dtype") and dtype_of(x) == "int8" for x in operands)
    values = list(promote(*operands)) if len(operands) > 1 else [promote(*operands)]
    if narrow:
        values = [to_dtype(x, "int32") for x in values]
    terms, result = _parse(subscripts, values)
    _check_sizes(terms)
    terms = [_without_repeated(t) for t in terms]
    while len(terms) > 1:
        i, j = _cheapest(terms)
        b, a = terms.pop(j), terms.pop(i)
        kept = set(result).union(*(labels for _, labels in terms))
        terms.append(_pair(a, b, kept))
    x, labels = _summed(terms[0], set(result))
    if labels != result:
        x = shape.transpose(x, axes=tuple(labels.index(r) for r in result))
    return x


# The notation


def _parse(subscripts: str, operands: Sequence[Tensor]) -> tuple[list[_Term], list[str]]:
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    inputs = left.split(",")
    if len(inputs) != len(operands):
        raise ArgumentError(
            "einsum",
            f"{subscripts!r} describes {len(inputs)} operands, but {len(operands)} are given",
        )
    terms = [
        (x, _labels(subscripts, one, len(shape_of(x))))
        for one, x in zip(inputs, operands, strict=True)
    ]
    rest = max((sum(c.isdigit() for c in labels) for _, labels in terms), default=0)
    ellipsis = [str(i) for i in range(rest - 1, -1, -1)]
    if arrow:
        before, dots, after = right.partition("...")
        result = [*before, *(ellipsis if dots else []), *after]
    else:
        every = [c for _, labels in terms for c in labels if c.isalpha()]
        result = [*ellipsis, *sorted(c for c in set(every) if every.count(c) == 1)]
    known = {c for _, labels in terms for c in labels}
    if len(set(result)) != len(result) or not set(result) <= known:
        raise ArgumentError(
            "einsum", f"{subscripts!r}: each label of the result must come once, and in an operand"
        )
    return terms, result


def _labels(subscripts: str, text: str, rank: int) -> list[str]:
    before, dots, after = text.partition("...")
    named = before + after
    rest = rank - len(named)
    if (named and not named.isalpha()) or rest < 0 or (rest and not dots):
        raise ArgumentError(
            "einsum", f"{subscripts!r}: {text!r} doesn't describe an operand of {rank} axes"
        )
    if rest > 10:
        raise ArgumentError("einsum", "an ellipsis stands for at most ten axes")
    return [*before, *(str(i) for i in range(rest - 1, -1, -1)), *after]


def _check_sizes(terms: Sequence[_Term]) -> None:
    sizes: dict[str, int] = {}
    for x, labels in terms:
        for c, d in zip(labels, shape_of(x), strict=True):
            if isinstance(d, Dim) or (d == 1 and c.isdigit()):
                continue
            if sizes.setdefault(c, d) != d:
                received: dict[str, Any] = {
                    f"operand_{i}": spec_of(t) for i, (t, _) in enumerate(terms)
                }
                raise ShapeError(
                    "einsum",
                    f"the axes of label {c!r} have the sizes {sizes[c]} and {d}",
                    **received,
                )


# The computation


def _without_repeated(term: _Term) -> _Term:
    """Take the diagonal where an operand has a label twice."""
    x, labels = term
    for c in sorted(set(labels)):
        while labels.count(c) > 1:
            i = labels.index(c)
            j = labels.index(c, i + 1)
            x = _diagonal(x, i, j)
            labels = [*labels[:j], *labels[j + 1 :]]
    return x, labels


def _diagonal(x: Tensor, i: int, j: int) -> Tensor:
    dims = shape_of(x)
    n = dims[i]
    wide: list[DimLike] = [n if k == i else 1 for k in range(len(dims))]
    places = shape.reshape(shape.iota(size=n, dtype="int32"), shape=tuple(wide))
    full = tuple(1 if k == j else d for k, d in enumerate(dims))
    y = take_along_axis(x, shape.broadcast_to(places, shape=full), axis=j)
    return shape.reshape(y, shape=tuple(d for k, d in enumerate(dims) if k != j))


def _summed(term: _Term, kept: set[str]) -> _Term:
    """Sum over the axes whose label nobody else needs."""
    x, labels = term
    gone = tuple(i for i, c in enumerate(labels) if c not in kept)
    if not gone:
        return term
    reduce = reduce_any if dtype_of(x) == "bool" else reduce_sum
    return reduce(x, axes=gone), [c for c in labels if c in kept]


def _cheapest(terms: Sequence[_Term]) -> tuple[int, int]:
    """Choose the pair whose product takes the fewest multiplications; unknown sizes count 64."""
    best: tuple[int, int, int] | None = None
    for j in range(1, len(terms)):
        for i in range(j):
            sizes: dict[str, int] = {}
            for x, labels in (terms[i], terms[j]):
                for c, d in zip(labels, shape_of(x), strict=True):
                    sizes[c] = max(sizes.get(c, 1), 64 if isinstance(d, Dim) else d)
            cost = 1
            for n in sizes.values():
                cost *= n
            if best is None or cost < best[0]:
                best = cost, i, j
    assert best is not None
    return best[1:]


def _pair(a: _Term, b: _Term, kept: set[str]) -> _Term:
    """Multiply two operands, summing over labels that only they have."""
    a = _summed(a, kept | set(b[1]))
    b = _summed(b, kept | set(a[1]))
    if any(c.isdigit() for c in a[1]) or any(c.isdigit() for c in b[1]):
        a, b = _broadcast(a, b), _broadcast(b, a)
    (x, of_x), (y, of_y) = a, b
    shared = [c for c in of_x if c in of_y]
    batch = [c for c in shared if c in kept]
    contract = [c for c in shared if c not in kept]
    free_x = [c for c in of_x if c not in shared]
    free_y = [c for c in of_y if c not in shared]
    if not contract and not (free_x and free_y) and dtype_of(x) != "bool":
        return _elementwise(x, of_x, y, of_y)
    result = contracted(
        x,
        y,
        tuple((of_x.index(c), of_y.index(c)) for c in contract),
        tuple((of_x.index(c), of_y.index(c)) for c in batch),
    )
    return result, [*batch, *free_x, *free_y]


def _elementwise(x: Tensor, of_x: list[str], y: Tensor, of_y: list[str]) -> _Term:
    """Nothing is summed and one has all labels: a product with broadcasting costs less."""
    if len(of_y) > len(of_x):
        x, of_x, y, of_y = y, of_y, x, of_x
    order = [of_y.index(c) for c in of_x if c in of_y]
    y = shape.transpose(y, axes=tuple(order))
    sizes = iter(shape_of(y))
    wide: list[DimLike] = [next(sizes) if c in of_y else 1 for c in of_x]
    return p.multiply(x, shape.reshape(y, shape=tuple(wide))), of_x


def _broadcast(a: _Term, b: _Term) -> _Term:
    """Repeat axes of size one under an ellipsis where the other operand has more."""
    x, labels = a
    others = dict(zip(b[1], shape_of(b[0]), strict=True))
    dims = tuple(
        others[c] if c.isdigit() and d == 1 and c in others else d
        for c, d in zip(labels, shape_of(x), strict=True)
    )
    return (x if dims == shape_of(x) else shape.broadcast_to(x, shape=dims)), labels
