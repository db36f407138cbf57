"""Penalties on weights and outputs (`keras.regularizers`)."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.regularizers.lookup import deserialize as deserialize
    from cornu.regularizers.lookup import get as get
    from cornu.regularizers.lookup import serialize as serialize
    from cornu.regularizers.regularizer import L1 as L1
    from cornu.regularizers.regularizer import L1L2 as L1L2
    from cornu.regularizers.regularizer import L2 as L2
    from cornu.regularizers.regularizer import Regularizer as Regularizer
    from cornu.regularizers.right_angles import OrthogonalRegularizer as OrthogonalRegularizer

    l1 = L1
    l1_l2 = L1L2
    l2 = L2
    orthogonal_regularizer = OrthogonalRegularizer

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "lookup": "deserialize get serialize",
        "regularizer": "L1 L1L2 L2 Regularizer",
        "right_angles": "OrthogonalRegularizer",
    },
    aliases={
        "l1": "cornu.regularizers.regularizer:L1",
        "l1_l2": "cornu.regularizers.regularizer:L1L2",
        "l2": "cornu.regularizers.regularizer:L2",
        "orthogonal_regularizer": "cornu.regularizers.right_angles:OrthogonalRegularizer",
    },
)
