"""Rules that weights obey after each update (`keras.constraints`)."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.constraints.constraint import Constraint as Constraint
    from cornu.constraints.constraint import NonNeg as NonNeg
    from cornu.constraints.lookup import deserialize as deserialize
    from cornu.constraints.lookup import get as get
    from cornu.constraints.lookup import serialize as serialize
    from cornu.constraints.norms import MaxNorm as MaxNorm
    from cornu.constraints.norms import MinMaxNorm as MinMaxNorm
    from cornu.constraints.norms import UnitNorm as UnitNorm

    max_norm = MaxNorm
    min_max_norm = MinMaxNorm
    non_neg = NonNeg
    unit_norm = UnitNorm

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "constraint": "Constraint NonNeg",
        "lookup": "deserialize get serialize",
        "norms": "MaxNorm MinMaxNorm UnitNorm",
    },
    aliases={
        "max_norm": "cornu.constraints.norms:MaxNorm",
        "min_max_norm": "cornu.constraints.norms:MinMaxNorm",
        "non_neg": "cornu.constraints.constraint:NonNeg",
        "unit_norm": "cornu.constraints.norms:UnitNorm",
    },
)
