"""Operations of neural networks (`keras.ops.nn`): the ops of `cornu.ops` under the API's other name."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.ops.activation_functions import (
        celu as celu,
        elu as elu,
        gelu as gelu,
        hard_shrink as hard_shrink,
        hard_sigmoid as hard_sigmoid,
        hard_silu as hard_silu,
        hard_tanh as hard_tanh,
        leaky_relu as leaky_relu,
        log_sigmoid as log_sigmoid,
        relu as relu,
        relu6 as relu6,
        selu as selu,
        sigmoid as sigmoid,
        silu as silu,
        soft_shrink as soft_shrink,
        softplus as softplus,
        softsign as softsign,
        sparse_plus as sparse_plus,
        sparse_sigmoid as sparse_sigmoid,
        squareplus as squareplus,
        tanh_shrink as tanh_shrink,
        threshold as threshold,
    )
    from cornu.ops.convolution import (
        conv as conv,
        conv_transpose as conv_transpose,
        depthwise_conv as depthwise_conv,
        separable_conv as separable_conv,
    )
    from cornu.ops.cross_entropies import (
        binary_crossentropy as binary_crossentropy,
        categorical_crossentropy as categorical_crossentropy,
        multi_hot as multi_hot,
        one_hot as one_hot,
        sparse_categorical_crossentropy as sparse_categorical_crossentropy,
    )
    from cornu.ops.normalization import (
        batch_normalization as batch_normalization,
        layer_normalization as layer_normalization,
        moments as moments,
        normalize as normalize,
        rms_normalization as rms_normalization,
    )
    from cornu.ops.pooling import (
        adaptive_average_pool as adaptive_average_pool,
        adaptive_max_pool as adaptive_max_pool,
        average_pool as average_pool,
        max_pool as max_pool,
    )
    from cornu.ops.softmax_family import (
        glu as glu,
        log_softmax as log_softmax,
        softmax as softmax,
        sparsemax as sparsemax,
    )

_FILES = {
    "activation_functions": """
        celu elu gelu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu log_sigmoid relu
        relu6 selu sigmoid silu soft_shrink softplus softsign sparse_plus sparse_sigmoid
        squareplus tanh_shrink threshold
    """,
    "convolution": "conv conv_transpose depthwise_conv separable_conv",
    "cross_entropies": """
        binary_crossentropy categorical_crossentropy multi_hot one_hot
        sparse_categorical_crossentropy
    """,
    "normalization": "batch_normalization layer_normalization moments normalize rms_normalization",
    "pooling": "adaptive_average_pool adaptive_max_pool average_pool max_pool",
    "softmax_family": "glu log_softmax softmax sparsemax",
}

__getattr__, __dir__, __all__ = attach(
    __name__,
    {},
    {
        name: f"cornu.ops.{file}:{name}"
        for file, names in _FILES.items()
        for name in names.split()
    },
)
