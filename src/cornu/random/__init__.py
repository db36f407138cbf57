"""Random numbers with explicit seeds (`keras.random`).

`seed_generator` holds what makes each draw another one, `words` how bits become fractions, `host`
the values of initial weights. The bits are those of one generator on every backend.
"""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.random.draws import categorical as categorical
    from cornu.random.draws import normal as normal
    from cornu.random.draws import randint as randint
    from cornu.random.draws import truncated_normal as truncated_normal
    from cornu.random.draws import uniform as uniform
    from cornu.random.on_arrays import dropout as dropout
    from cornu.random.on_arrays import shuffle as shuffle
    from cornu.random.rejection import beta as beta
    from cornu.random.rejection import binomial as binomial
    from cornu.random.rejection import gamma as gamma
    from cornu.random.seed_generator import SeedGenerator as SeedGenerator

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "draws": "categorical normal randint truncated_normal uniform",
        "on_arrays": "dropout shuffle",
        "rejection": "beta binomial gamma",
        "seed_generator": "SeedGenerator",
    },
)
