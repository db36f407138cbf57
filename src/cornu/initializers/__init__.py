"""First values of weights (`keras.initializers`).

`constants` holds what is no matter of chance, `drawn` the plain distributions, `scaled` those whose
spread follows from a weight's shape. Random values come from `cornu.random.host`, the same on every
backend.
"""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.initializers.constants import Constant as Constant
    from cornu.initializers.constants import Identity as Identity
    from cornu.initializers.constants import Ones as Ones
    from cornu.initializers.constants import Zeros as Zeros
    from cornu.initializers.drawn import RandomNormal as RandomNormal
    from cornu.initializers.drawn import RandomUniform as RandomUniform
    from cornu.initializers.drawn import TruncatedNormal as TruncatedNormal
    from cornu.initializers.initializer import Initializer as Initializer
    from cornu.initializers.lookup import deserialize as deserialize
    from cornu.initializers.lookup import get as get
    from cornu.initializers.lookup import serialize as serialize
    from cornu.initializers.orthogonal_rows import Orthogonal as Orthogonal
    from cornu.initializers.scaled import GlorotNormal as GlorotNormal
    from cornu.initializers.scaled import GlorotUniform as GlorotUniform
    from cornu.initializers.scaled import HeNormal as HeNormal
    from cornu.initializers.scaled import HeUniform as HeUniform
    from cornu.initializers.scaled import LecunNormal as LecunNormal
    from cornu.initializers.scaled import LecunUniform as LecunUniform
    from cornu.initializers.scaled import VarianceScaling as VarianceScaling
    from cornu.initializers.short_time_fourier import STFT as STFT

    IdentityInitializer = Identity
    OrthogonalInitializer = Orthogonal
    STFTInitializer = STFT
    constant = Constant
    glorot_normal = GlorotNormal
    glorot_uniform = GlorotUniform
    he_normal = HeNormal
    he_uniform = HeUniform
    identity = Identity
    lecun_normal = LecunNormal
    lecun_uniform = LecunUniform
    ones = Ones
    orthogonal = Orthogonal
    random_normal = RandomNormal
    random_uniform = RandomUniform
    stft = STFT
    truncated_normal = TruncatedNormal
    variance_scaling = VarianceScaling
    zeros = Zeros

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "constants": "Constant Identity Ones Zeros",
        "drawn": "RandomNormal RandomUniform TruncatedNormal",
        "initializer": "Initializer",
        "lookup": "deserialize get serialize",
        "orthogonal_rows": "Orthogonal",
        "scaled": (
            "GlorotNormal GlorotUniform HeNormal HeUniform LecunNormal LecunUniform VarianceScaling"
        ),
        "short_time_fourier": "STFT",
    },
    aliases={
        "IdentityInitializer": "cornu.initializers.constants:Identity",
        "OrthogonalInitializer": "cornu.initializers.orthogonal_rows:Orthogonal",
        "STFTInitializer": "cornu.initializers.short_time_fourier:STFT",
        "constant": "cornu.initializers.constants:Constant",
        "glorot_normal": "cornu.initializers.scaled:GlorotNormal",
        "glorot_uniform": "cornu.initializers.scaled:GlorotUniform",
        "he_normal": "cornu.initializers.scaled:HeNormal",
        "he_uniform": "cornu.initializers.scaled:HeUniform",
        "identity": "cornu.initializers.constants:Identity",
        "lecun_normal": "cornu.initializers.scaled:LecunNormal",
        "lecun_uniform": "cornu.initializers.scaled:LecunUniform",
        "ones": "cornu.initializers.constants:Ones",
        "orthogonal": "cornu.initializers.orthogonal_rows:Orthogonal",
        "random_normal": "cornu.initializers.drawn:RandomNormal",
        "random_uniform": "cornu.initializers.drawn:RandomUniform",
        "stft": "cornu.initializers.short_time_fourier:STFT",
        "truncated_normal": "cornu.initializers.drawn:TruncatedNormal",
        "variance_scaling": "cornu.initializers.scaled:VarianceScaling",
        "zeros": "cornu.initializers.constants:Zeros",
    },
)
