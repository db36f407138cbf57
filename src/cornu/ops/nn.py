"""Operations of neural networks (`keras.ops.nn`): the ops of `cornu.ops`."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.ops.activation_functions import (
        celu as celu,
    )
    from cornu.ops.activation_functions import (
        elu as elu,
    )
    from cornu.ops.activation_functions import (
        gelu as gelu,
    )
    from cornu.ops.activation_functions import (
        hard_shrink as hard_shrink,
    )
    from cornu.ops.activation_functions import (
        hard_sigmoid as hard_sigmoid,
    )
    from cornu.ops.activation_functions import (
        hard_silu as hard_silu,
    )
    from cornu.ops.activation_functions import (
        hard_silu as hard_swish,  # noqa: F401  (another public name)
    )
    from cornu.ops.activation_functions import (
        hard_tanh as hard_tanh,
    )
    from cornu.ops.activation_functions import (
        leaky_relu as leaky_relu,
    )
    from cornu.ops.activation_functions import (
        log_sigmoid as log_sigmoid,
    )
    from cornu.ops.activation_functions import (
        relu as relu,
    )
    from cornu.ops.activation_functions import (
        relu6 as relu6,
    )
    from cornu.ops.activation_functions import (
        selu as selu,
    )
    from cornu.ops.activation_functions import (
        sigmoid as sigmoid,
    )
    from cornu.ops.activation_functions import (
        silu as silu,
    )
    from cornu.ops.activation_functions import (
        silu as swish,  # noqa: F401  (another public name)
    )
    from cornu.ops.activation_functions import (
        soft_shrink as soft_shrink,
    )
    from cornu.ops.activation_functions import (
        softplus as softplus,
    )
    from cornu.ops.activation_functions import (
        softsign as softsign,
    )
    from cornu.ops.activation_functions import (
        sparse_plus as sparse_plus,
    )
    from cornu.ops.activation_functions import (
        sparse_sigmoid as sparse_sigmoid,
    )
    from cornu.ops.activation_functions import (
        squareplus as squareplus,
    )
    from cornu.ops.activation_functions import (
        tanh_shrink as tanh_shrink,
    )
    from cornu.ops.activation_functions import (
        threshold as threshold,
    )
    from cornu.ops.attention import dot_product_attention as dot_product_attention
    from cornu.ops.blocks import (
        depth_to_space as depth_to_space,
    )
    from cornu.ops.blocks import (
        fold as fold,
    )
    from cornu.ops.blocks import (
        space_to_depth as space_to_depth,
    )
    from cornu.ops.blocks import (
        unfold as unfold,
    )
    from cornu.ops.convolution import (
        conv as conv,
    )
    from cornu.ops.convolution import (
        conv_transpose as conv_transpose,
    )
    from cornu.ops.convolution import (
        depthwise_conv as depthwise_conv,
    )
    from cornu.ops.convolution import (
        separable_conv as separable_conv,
    )
    from cornu.ops.cross_entropies import (
        binary_crossentropy as binary_crossentropy,
    )
    from cornu.ops.cross_entropies import (
        categorical_crossentropy as categorical_crossentropy,
    )
    from cornu.ops.cross_entropies import (
        multi_hot as multi_hot,
    )
    from cornu.ops.cross_entropies import (
        one_hot as one_hot,
    )
    from cornu.ops.cross_entropies import (
        sparse_categorical_crossentropy as sparse_categorical_crossentropy,
    )
    from cornu.ops.ctc import (
        ctc_decode as ctc_decode,
    )
    from cornu.ops.ctc import (
        ctc_loss as ctc_loss,
    )
    from cornu.ops.filtering import psnr as psnr
    from cornu.ops.normalization import (
        batch_normalization as batch_normalization,
    )
    from cornu.ops.normalization import (
        layer_normalization as layer_normalization,
    )
    from cornu.ops.normalization import (
        moments as moments,
    )
    from cornu.ops.normalization import (
        normalize as normalize,
    )
    from cornu.ops.normalization import (
        rms_normalization as rms_normalization,
    )
    from cornu.ops.pooling import (
        adaptive_average_pool as adaptive_average_pool,
    )
    from cornu.ops.pooling import (
        adaptive_max_pool as adaptive_max_pool,
    )
    from cornu.ops.pooling import (
        average_pool as average_pool,
    )
    from cornu.ops.pooling import (
        max_pool as max_pool,
    )
    from cornu.ops.softmax_family import (
        glu as glu,
    )
    from cornu.ops.softmax_family import (
        log_softmax as log_softmax,
    )
    from cornu.ops.softmax_family import (
        softmax as softmax,
    )
    from cornu.ops.softmax_family import (
        sparsemax as sparsemax,
    )

_FILES = {
    "activation_functions": """
        celu elu gelu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu log_sigmoid relu
        relu6 selu sigmoid silu soft_shrink softplus softsign sparse_plus sparse_sigmoid
        squareplus tanh_shrink threshold
    """,
    "attention": "dot_product_attention",
    "blocks": "depth_to_space fold space_to_depth unfold",
    "convolution": "conv conv_transpose depthwise_conv separable_conv",
    "cross_entropies": """
        binary_crossentropy categorical_crossentropy multi_hot one_hot
        sparse_categorical_crossentropy
    """,
    "ctc": "ctc_decode ctc_loss",
    "filtering": "psnr",
    "normalization": "batch_normalization layer_normalization moments normalize rms_normalization",
    "pooling": "adaptive_average_pool adaptive_max_pool average_pool max_pool",
    "softmax_family": "glu log_softmax softmax sparsemax",
}

__getattr__, __dir__, __all__ = attach(
    __name__,
    {},
    {name: f"cornu.ops.{file}:{name}" for file, names in _FILES.items() for name in names.split()}
    | {
        "hard_swish": "cornu.ops.activation_functions:hard_silu",
        "swish": "cornu.ops.activation_functions:silu",
    },
)
