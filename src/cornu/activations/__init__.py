"""Activation functions by name (`keras.activations`).

Most are ops and defined there; `own_forms` has the few with other names or arguments.
"""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.activations.lookup import deserialize as deserialize
    from cornu.activations.lookup import get as get
    from cornu.activations.lookup import serialize as serialize
    from cornu.activations.own_forms import exponential as exponential
    from cornu.activations.own_forms import gelu as gelu
    from cornu.activations.own_forms import linear as linear
    from cornu.activations.own_forms import mish as mish
    from cornu.activations.own_forms import relu as relu
    from cornu.ops.activation_functions import celu as celu
    from cornu.ops.activation_functions import elu as elu
    from cornu.ops.activation_functions import hard_shrink as hard_shrink
    from cornu.ops.activation_functions import hard_sigmoid as hard_sigmoid
    from cornu.ops.activation_functions import hard_silu as hard_silu
    from cornu.ops.activation_functions import hard_silu as hard_swish  # noqa: F401  # a second name
    from cornu.ops.activation_functions import hard_tanh as hard_tanh
    from cornu.ops.activation_functions import leaky_relu as leaky_relu
    from cornu.ops.activation_functions import log_sigmoid as log_sigmoid
    from cornu.ops.activation_functions import relu6 as relu6
    from cornu.ops.activation_functions import selu as selu
    from cornu.ops.activation_functions import sigmoid as sigmoid
    from cornu.ops.activation_functions import silu as silu
    from cornu.ops.activation_functions import silu as swish  # noqa: F401  # a second name
    from cornu.ops.activation_functions import soft_shrink as soft_shrink
    from cornu.ops.activation_functions import softplus as softplus
    from cornu.ops.activation_functions import softsign as softsign
    from cornu.ops.activation_functions import sparse_plus as sparse_plus
    from cornu.ops.activation_functions import sparse_sigmoid as sparse_sigmoid
    from cornu.ops.activation_functions import squareplus as squareplus
    from cornu.ops.activation_functions import tanh_shrink as tanh_shrink
    from cornu.ops.activation_functions import threshold as threshold
    from cornu.ops.softmax_family import glu as glu
    from cornu.ops.softmax_family import log_softmax as log_softmax
    from cornu.ops.softmax_family import softmax as softmax
    from cornu.ops.softmax_family import sparsemax as sparsemax
    from cornu.ops.trigonometry import tanh as tanh

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "lookup": "deserialize get serialize",
        "own_forms": "exponential gelu linear mish relu",
    },
    aliases={
        "celu": "cornu.ops.activation_functions:celu",
        "elu": "cornu.ops.activation_functions:elu",
        "glu": "cornu.ops.softmax_family:glu",
        "hard_shrink": "cornu.ops.activation_functions:hard_shrink",
        "hard_sigmoid": "cornu.ops.activation_functions:hard_sigmoid",
        "hard_silu": "cornu.ops.activation_functions:hard_silu",
        "hard_swish": "cornu.ops.activation_functions:hard_silu",
        "hard_tanh": "cornu.ops.activation_functions:hard_tanh",
        "leaky_relu": "cornu.ops.activation_functions:leaky_relu",
        "log_sigmoid": "cornu.ops.activation_functions:log_sigmoid",
        "log_softmax": "cornu.ops.softmax_family:log_softmax",
        "relu6": "cornu.ops.activation_functions:relu6",
        "selu": "cornu.ops.activation_functions:selu",
        "sigmoid": "cornu.ops.activation_functions:sigmoid",
        "silu": "cornu.ops.activation_functions:silu",
        "soft_shrink": "cornu.ops.activation_functions:soft_shrink",
        "softmax": "cornu.ops.softmax_family:softmax",
        "softplus": "cornu.ops.activation_functions:softplus",
        "softsign": "cornu.ops.activation_functions:softsign",
        "sparse_plus": "cornu.ops.activation_functions:sparse_plus",
        "sparse_sigmoid": "cornu.ops.activation_functions:sparse_sigmoid",
        "sparsemax": "cornu.ops.softmax_family:sparsemax",
        "squareplus": "cornu.ops.activation_functions:squareplus",
        "swish": "cornu.ops.activation_functions:silu",
        "tanh": "cornu.ops.trigonometry:tanh",
        "tanh_shrink": "cornu.ops.activation_functions:tanh_shrink",
        "threshold": "cornu.ops.activation_functions:threshold",
    },
)
