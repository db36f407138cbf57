"""Operations on arrays (`keras.ops`).

One function per op, in files by subject; `nn`, `linalg`, `image` and `numpy` are the same functions
under the API's other names. What makes a function an op stands in `op`, what its operands become in
`promotion`, and what Python's operators do in `operators`.
"""

from typing import TYPE_CHECKING

from cornu.lazy import attach
from cornu.ops.operators import fill_operators

if TYPE_CHECKING:
    from cornu.ops import image as image
    from cornu.ops import linalg as linalg
    from cornu.ops import nn as nn
    from cornu.ops import numpy as numpy
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
    from cornu.ops.arithmetic import (
        abs as abs,
        absolute as absolute,
        add as add,
        clip as clip,
        divide as divide,
        divide_no_nan as divide_no_nan,
        fabs as fabs,
        floor_divide as floor_divide,
        fmax as fmax,
        fmin as fmin,
        fmod as fmod,
        gcd as gcd,
        lcm as lcm,
        maximum as maximum,
        minimum as minimum,
        mod as mod,
        multiply as multiply,
        negative as negative,
        power as power,
        reciprocal as reciprocal,
        sign as sign,
        square as square,
        subtract as subtract,
        true_divide as true_divide,
    )
    from cornu.ops.branching import (
        cond as cond,
        switch as switch,
    )
    from cornu.ops.comparison import (
        allclose as allclose,
        equal as equal,
        greater as greater,
        greater_equal as greater_equal,
        isclose as isclose,
        less as less,
        less_equal as less_equal,
        not_equal as not_equal,
    )
    from cornu.ops.conversion import (
        cast as cast,
        convert_to_numpy as convert_to_numpy,
        convert_to_tensor as convert_to_tensor,
        dtype as dtype,
        is_tensor as is_tensor,
        saturate_cast as saturate_cast,
        shape as shape,
        stop_gradient as stop_gradient,
    )
    from cornu.ops.convolution import (
        conv as conv,
        conv_transpose as conv_transpose,
        depthwise_conv as depthwise_conv,
        separable_conv as separable_conv,
    )
    from cornu.ops.counting import (
        bincount as bincount,
        corrcoef as corrcoef,
        correlate as correlate,
        histogram as histogram,
    )
    from cornu.ops.creation import (
        arange as arange,
        empty as empty,
        empty_like as empty_like,
        eye as eye,
        full as full,
        full_like as full_like,
        geomspace as geomspace,
        identity as identity,
        linspace as linspace,
        logspace as logspace,
        ones as ones,
        ones_like as ones_like,
        tri as tri,
        zeros as zeros,
        zeros_like as zeros_like,
    )
    from cornu.ops.cross_entropies import (
        binary_crossentropy as binary_crossentropy,
        categorical_crossentropy as categorical_crossentropy,
        multi_hot as multi_hot,
        one_hot as one_hot,
        sparse_categorical_crossentropy as sparse_categorical_crossentropy,
    )
    from cornu.ops.custom_rules import custom_gradient as custom_gradient
    from cornu.ops.diagonals import (
        diag as diag,
        diagflat as diagflat,
        diagonal as diagonal,
        trace as trace,
        tril as tril,
        triu as triu,
        vander as vander,
    )
    from cornu.ops.einstein import einsum as einsum
    from cornu.ops.exponents import (
        cbrt as cbrt,
        exp as exp,
        exp2 as exp2,
        expm1 as expm1,
        hypot as hypot,
        log as log,
        log10 as log10,
        log1p as log1p,
        log2 as log2,
        logaddexp as logaddexp,
        logaddexp2 as logaddexp2,
        sqrt as sqrt,
    )
    from cornu.ops.floats import (
        angle as angle,
        conj as conj,
        conjugate as conjugate,
        heaviside as heaviside,
        i0 as i0,
        imag as imag,
        isfinite as isfinite,
        isinf as isinf,
        isnan as isnan,
        isneginf as isneginf,
        isposinf as isposinf,
        isreal as isreal,
        ldexp as ldexp,
        nan_to_num as nan_to_num,
        real as real,
        signbit as signbit,
    )
    from cornu.ops.indexing import get_item as get_item
    from cornu.ops.joining import (
        append as append,
        array_split as array_split,
        concatenate as concatenate,
        dsplit as dsplit,
        dstack as dstack,
        hsplit as hsplit,
        hstack as hstack,
        meshgrid as meshgrid,
        split as split,
        stack as stack,
        vsplit as vsplit,
        vstack as vstack,
    )
    from cornu.ops.logic import (
        bitwise_and as bitwise_and,
        bitwise_invert as bitwise_invert,
        bitwise_left_shift as bitwise_left_shift,
        bitwise_not as bitwise_not,
        bitwise_or as bitwise_or,
        bitwise_right_shift as bitwise_right_shift,
        bitwise_xor as bitwise_xor,
        left_shift as left_shift,
        logical_and as logical_and,
        logical_not as logical_not,
        logical_or as logical_or,
        logical_xor as logical_xor,
        right_shift as right_shift,
    )
    from cornu.ops.loops import (
        associative_scan as associative_scan,
        fori_loop as fori_loop,
        map as map,
        scan as scan,
        vectorized_map as vectorized_map,
        while_loop as while_loop,
    )
    from cornu.ops.nan_reductions import (
        nanargmax as nanargmax,
        nanargmin as nanargmin,
        nancumprod as nancumprod,
        nancumsum as nancumsum,
        nanmax as nanmax,
        nanmean as nanmean,
        nanmin as nanmin,
        nanprod as nanprod,
        nanstd as nanstd,
        nansum as nansum,
        nanvar as nanvar,
    )
    from cornu.ops.normalization import (
        batch_normalization as batch_normalization,
        layer_normalization as layer_normalization,
        moments as moments,
        normalize as normalize,
        rms_normalization as rms_normalization,
    )
    from cornu.ops.norms import norm as norm
    from cornu.ops.ordering import (
        argpartition as argpartition,
        argsort as argsort,
        digitize as digitize,
        isin as isin,
        searchsorted as searchsorted,
        sort as sort,
        unique as unique,
    )
    from cornu.ops.pooling import (
        adaptive_average_pool as adaptive_average_pool,
        adaptive_max_pool as adaptive_max_pool,
        average_pool as average_pool,
        max_pool as max_pool,
    )
    from cornu.ops.products import (
        cross as cross,
        dot as dot,
        inner as inner,
        kron as kron,
        matmul as matmul,
        outer as outer,
        tensordot as tensordot,
        vdot as vdot,
    )
    from cornu.ops.quantiles import (
        median as median,
        nanmedian as nanmedian,
        nanpercentile as nanpercentile,
        nanquantile as nanquantile,
        percentile as percentile,
        quantile as quantile,
    )
    from cornu.ops.reductions import (
        all as all,
        amax as amax,
        amin as amin,
        any as any,
        argmax as argmax,
        argmin as argmin,
        average as average,
        count_nonzero as count_nonzero,
        max as max,
        mean as mean,
        min as min,
        prod as prod,
        ptp as ptp,
        std as std,
        sum as sum,
        var as var,
    )
    from cornu.ops.repetition import (
        pad as pad,
        repeat as repeat,
        roll as roll,
        tile as tile,
    )
    from cornu.ops.rounding import (
        ceil as ceil,
        floor as floor,
        round as round,
        trunc as trunc,
    )
    from cornu.ops.rows_and_parts import (
        scatter as scatter,
        scatter_update as scatter_update,
        slice as slice,
        slice_update as slice_update,
        unstack as unstack,
    )
    from cornu.ops.running import (
        cumprod as cumprod,
        cumsum as cumsum,
        diff as diff,
        trapezoid as trapezoid,
    )
    from cornu.ops.selection import (
        nonzero as nonzero,
        select as select,
        take as take,
        take_along_axis as take_along_axis,
        unravel_index as unravel_index,
        where as where,
    )
    from cornu.ops.shaping import (
        broadcast_to as broadcast_to,
        expand_dims as expand_dims,
        flip as flip,
        fliplr as fliplr,
        flipud as flipud,
        moveaxis as moveaxis,
        ravel as ravel,
        reshape as reshape,
        rot90 as rot90,
        squeeze as squeeze,
        swapaxes as swapaxes,
        transpose as transpose,
    )
    from cornu.ops.softmax_family import (
        glu as glu,
        log_softmax as log_softmax,
        logsumexp as logsumexp,
        softmax as softmax,
        sparsemax as sparsemax,
    )
    from cornu.ops.trigonometry import (
        arccos as arccos,
        arccosh as arccosh,
        arcsin as arcsin,
        arcsinh as arcsinh,
        arctan as arctan,
        arctan2 as arctan2,
        arctanh as arctanh,
        cos as cos,
        cosh as cosh,
        deg2rad as deg2rad,
        rad2deg as rad2deg,
        sin as sin,
        sinc as sinc,
        sinh as sinh,
        tan as tan,
        tanh as tanh,
    )
    from cornu.ops.values import (
        array as array,
        copy as copy,
        ndim as ndim,
        size as size,
    )
    from cornu.ops.windows import (
        bartlett as bartlett,
        blackman as blackman,
        hamming as hamming,
        hanning as hanning,
        kaiser as kaiser,
    )

_FILES = {
    "activation_functions": """
        celu elu gelu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu log_sigmoid relu
        relu6 selu sigmoid silu soft_shrink softplus softsign sparse_plus sparse_sigmoid
        squareplus tanh_shrink threshold
    """,
    "arithmetic": """
        abs absolute add clip divide divide_no_nan fabs floor_divide fmax fmin fmod gcd lcm
        maximum minimum mod multiply negative power reciprocal sign square subtract true_divide
    """,
    "branching": "cond switch",
    "comparison": "allclose equal greater greater_equal isclose less less_equal not_equal",
    "conversion": """
        cast convert_to_numpy convert_to_tensor dtype is_tensor saturate_cast shape
        stop_gradient
    """,
    "convolution": "conv conv_transpose depthwise_conv separable_conv",
    "counting": "bincount corrcoef correlate histogram",
    "creation": """
        arange empty empty_like eye full full_like geomspace identity linspace logspace ones
        ones_like tri zeros zeros_like
    """,
    "cross_entropies": """
        binary_crossentropy categorical_crossentropy multi_hot one_hot
        sparse_categorical_crossentropy
    """,
    "custom_rules": "custom_gradient",
    "diagonals": "diag diagflat diagonal trace tril triu vander",
    "einstein": "einsum",
    "exponents": "cbrt exp exp2 expm1 hypot log log10 log1p log2 logaddexp logaddexp2 sqrt",
    "floats": """
        angle conj conjugate heaviside i0 imag isfinite isinf isnan isneginf isposinf isreal
        ldexp nan_to_num real signbit
    """,
    "indexing": "get_item",
    "joining": """
        append array_split concatenate dsplit dstack hsplit hstack meshgrid split stack vsplit
        vstack
    """,
    "logic": """
        bitwise_and bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift
        bitwise_xor left_shift logical_and logical_not logical_or logical_xor right_shift
    """,
    "loops": "associative_scan fori_loop map scan vectorized_map while_loop",
    "nan_reductions": """
        nanargmax nanargmin nancumprod nancumsum nanmax nanmean nanmin nanprod nanstd nansum
        nanvar
    """,
    "normalization": "batch_normalization layer_normalization moments normalize rms_normalization",
    "norms": "norm",
    "ordering": "argpartition argsort digitize isin searchsorted sort unique",
    "pooling": "adaptive_average_pool adaptive_max_pool average_pool max_pool",
    "products": "cross dot inner kron matmul outer tensordot vdot",
    "quantiles": "median nanmedian nanpercentile nanquantile percentile quantile",
    "reductions": """
        all amax amin any argmax argmin average count_nonzero max mean min prod ptp std sum var
    """,
    "repetition": "pad repeat roll tile",
    "rounding": "ceil floor round trunc",
    "rows_and_parts": "scatter scatter_update slice slice_update unstack",
    "running": "cumprod cumsum diff trapezoid",
    "selection": "nonzero select take take_along_axis unravel_index where",
    "shaping": """
        broadcast_to expand_dims flip fliplr flipud moveaxis ravel reshape rot90 squeeze
        swapaxes transpose
    """,
    "softmax_family": "glu log_softmax logsumexp softmax sparsemax",
    "trigonometry": """
        arccos arccosh arcsin arcsinh arctan arctan2 arctanh cos cosh deg2rad rad2deg sin sinc
        sinh tan tanh
    """,
    "values": "array copy ndim size",
    "windows": "bartlett blackman hamming hanning kaiser",
}

fill_operators(_FILES)

__getattr__, __dir__, __all__ = attach(__name__, {**_FILES, "": "image linalg nn numpy"})
