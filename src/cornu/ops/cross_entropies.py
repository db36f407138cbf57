"""Cross-entropies, and the encodings of class numbers that they compare with."""

from __future__ import annotations

from cornu import settings
from cornu.errors import NotSupportedError, ShapeError
from cornu.graph.dim import Dim, same_dim
from cornu.graph.dtypes import is_integer, standard_name
from cornu.graph.spec import shape_of
from cornu.ops.activation_functions import softplus
from cornu.ops.axes import inserted, keep_axes, normalize_axis
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, promote_inexact, to_dtype
from cornu.ops.softmax_family import log_softmax
from cornu.primitives import elementwise as p
from cornu.primitives import shape as move
from cornu.primitives.index import check_labels, take_along_axis
from cornu.primitives.reduce import reduce_max, reduce_sum
from cornu.primitives.rules import constant

__all__ = [
    "binary_crossentropy",
    "categorical_crossentropy",
    "multi_hot",
    "one_hot",
    "sparse_categorical_crossentropy",
]


def _bounded(x: Tensor) -> Tensor:
    """Keep probabilities away from 0 and 1 by `config.epsilon()`."""
    low, high = constant(settings.epsilon(), x), constant(1.0 - settings.epsilon(), x)
    return p.minimum(p.maximum(x, low), high)


def _log_probabilities(output: Tensor, from_logits: bool, axis: int) -> Tensor:
    if from_logits:
        return log_softmax(output, axis)
    total = keep_axes(reduce_sum(output, axes=(axis,)), (axis,), shape_of(output), True)
    return p.log(_bounded(p.divide(output, total)))


@op
def categorical_crossentropy(
    target: ArrayLike, output: ArrayLike, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """Return the cross-entropy of two distributions over classes.

    y = -sum(target * log(p), axis), where p is `output`, made to sum to one

    Args:
        target: Probabilities, such as rows of `one_hot`.
        output: Probabilities, or logits if `from_logits`.
        from_logits: Whether p is `softmax(output)`.
        axis: Axis of the classes.

    Shapes:
        target: (..., c), output: (..., c) -> (...), for `axis=-1`

    Raises:
        ShapeError: If the shapes differ, or there is no axis.

    Example:
        >>> categorical_crossentropy([0.0, 1.0], [0.5, 0.5])
        Array(0.6931472, dtype=float32)
    """
    target, output = promote_inexact(target, output)
    a, b = shape_of(target), shape_of(output)
    if not a:
        raise ShapeError(
            "categorical_crossentropy", "there must be an axis of classes", target=target
        )
    if len(a) != len(b) or not all(map(same_dim, a, b)):
        raise ShapeError(
            "categorical_crossentropy",
            "`target` and `output` must have the same shape",
            fix="For class numbers use `sparse_categorical_crossentropy`.",
            target=target,
            output=output,
        )
    i = normalize_axis("categorical_crossentropy", axis, len(b), output)
    logs = _log_probabilities(output, from_logits, i)
    return p.negate(reduce_sum(p.multiply(target, logs), axes=(i,)))


@op
def sparse_categorical_crossentropy(
    target: ArrayLike, output: ArrayLike, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """Return minus the logarithm of the probability of the right class.

    y = -log(p[target]), where p is `output`, made to sum to one

    Args:
        target: Class numbers from 0 to c - 1.
        output: Probabilities, or logits if `from_logits`.
        from_logits: Whether p is `softmax(output)`.
        axis: Axis of the classes.

    Shapes:
        target: (...) or (..., 1), output: (..., c) -> (...), for `axis=-1`

    Raises:
        ShapeError: If the shapes don't go together.
        IndexError: While running, if a class number is out of range.

    Example:
        >>> sparse_categorical_crossentropy([1], [[0.5, 0.5]])
        Array([0.6931472], dtype=float32)
    """
    target, output = as_tensor(target, "int32"), promote_inexact(output)
    a, b = shape_of(target), shape_of(output)
    if not b:
        raise ShapeError(
            "sparse_categorical_crossentropy", "there must be an axis of classes", output=output
        )
    i = normalize_axis("sparse_categorical_crossentropy", axis, len(b), output)
    if len(a) == len(b) and same_dim(a[-1], 1):
        a = a[:-1]
        target = move.reshape(target, shape=a)
    rest = (*b[:i], *b[i + 1 :])
    if len(a) != len(rest) or not all(map(same_dim, a, rest)):
        raise ShapeError(
            "sparse_categorical_crossentropy",
            f"`target` must have the shape of `output` without axis {i}",
            fix="For one-hot rows use `categorical_crossentropy`.",
            target=target,
            output=output,
        )
    logs = _log_probabilities(output, from_logits, i)
    target = check_labels(target, classes=b[i])
    found = take_along_axis(logs, inserted(target, (i,)), axis=i)
    return p.negate(move.reshape(found, shape=a))


@op
def binary_crossentropy(target: ArrayLike, output: ArrayLike, from_logits: bool = False) -> Tensor:
    """Return the cross-entropy of yes-no distributions, element by element.

    y = -(target * log(p) + (1 - target) * log(1 - p))

    Args:
        target: Probabilities.
        output: Probabilities p, or logits if `from_logits`.
        from_logits: Whether p is `sigmoid(output)`.

    Shapes:
        target: any, output: the same -> the same

    Raises:
        ShapeError: If the shapes differ.

    Example:
        >>> binary_crossentropy([1.0, 0.0], [0.5, 0.5])
        Array([0.6931472, 0.6931472], dtype=float32)
    """
    target, output = promote_inexact(target, output)
    a, b = shape_of(target), shape_of(output)
    if len(a) != len(b) or not all(map(same_dim, a, b)):
        raise ShapeError(
            "binary_crossentropy",
            "`target` and `output` must have the same shape",
            target=target,
            output=output,
        )
    if from_logits:
        # -log(sigmoid(x)) is softplus(-x), and log(1 - sigmoid(x)) = log(sigmoid(x)) - x.
        return p.add(softplus(p.negate(output)), p.multiply(1.0 - target, output))
    output = _bounded(output)
    yes = p.multiply(target, p.log(output))
    return p.negate(p.add(yes, p.multiply(1.0 - target, p.log(1.0 - output))))


@op
def one_hot(
    x: ArrayLike,
    num_classes: int,
    axis: int = -1,
    dtype: str | None = None,
    sparse: bool = False,
) -> Tensor:
    """Return class numbers as rows of zeros with a single one.

    Args:
        x: Class numbers; those out of range give zeros only.
        num_classes: Number of classes.
        axis: Where the new axis goes.
        dtype: The dtype of the result; `None` means `floatx`.
        sparse: Only False is possible on most backends.

    Shapes:
        x: (...) -> (..., num_classes), for `axis=-1`

    Example:
        >>> one_hot([1, 0], 3)
        Array([[0., 1., 0.],
               [1., 0., 0.]], dtype=float32)
    """
    if sparse:
        raise NotSupportedError("one_hot", "this backend has no sparse tensors")
    x = as_tensor(x)
    if not is_integer(dtype_of(x)):
        x = p.cast(x, dtype="int32")
    rank = len(shape_of(x)) + 1
    i = normalize_axis("one_hot", axis, rank, x)
    classes = move.iota(size=num_classes, dtype=dtype_of(x))
    places = move.reshape(classes, shape=tuple(num_classes if j == i else 1 for j in range(rank)))
    found = p.equal(inserted(x, (i,)), places)
    return to_dtype(found, settings.floatx() if dtype is None else standard_name(dtype))


@op
def multi_hot(
    inputs: ArrayLike,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: str | None = None,
    sparse: bool = False,
    **kwargs: int,
) -> Tensor:
    """Return lists of class numbers as rows with a one for each class in the list.

    Args:
        inputs: Class numbers; the lists lie along axis 1, of one list along axis 0.
        num_classes: Number of classes.
        axis: Where the new axis goes, before that of the lists disappears.
        dtype: The dtype of the result; `None` means `floatx`.
        sparse: Only False is possible on most backends.
        **kwargs: `num_tokens`, an old name of `num_classes`, is understood.

    Shapes:
        inputs: (n, k) -> (n, num_classes)

    Example:
        >>> multi_hot([[0, 2], [1, 1]], 3)
        Array([[1., 0., 1.],
               [0., 1., 0.]], dtype=float32)
    """
    num_classes = kwargs.pop("num_tokens", num_classes)
    if num_classes is None:
        raise TypeError("multi_hot: the argument `num_classes` is missing.")
    x = as_tensor(inputs)
    rank = len(shape_of(x))
    rows = one_hot(x, num_classes, axis=axis, dtype=dtype, sparse=sparse)
    along = 1 if rank > 1 else 0
    if isinstance(shape_of(rows)[along], Dim) or shape_of(rows)[along]:
        return reduce_max(rows, axes=(along,))
    return reduce_sum(rows, axes=(along,))  # an empty list has no maximum
