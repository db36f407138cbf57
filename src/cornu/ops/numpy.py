"""Operations named as in NumPy (`keras.ops.numpy`): the ops of `cornu.ops`."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.ops.arithmetic import (
        abs as abs,
    )
    from cornu.ops.arithmetic import (
        absolute as absolute,
    )
    from cornu.ops.arithmetic import (
        add as add,
    )
    from cornu.ops.arithmetic import (
        clip as clip,
    )
    from cornu.ops.arithmetic import (
        divide as divide,
    )
    from cornu.ops.arithmetic import (
        divide_no_nan as divide_no_nan,
    )
    from cornu.ops.arithmetic import (
        fabs as fabs,
    )
    from cornu.ops.arithmetic import (
        floor_divide as floor_divide,
    )
    from cornu.ops.arithmetic import (
        fmax as fmax,
    )
    from cornu.ops.arithmetic import (
        fmin as fmin,
    )
    from cornu.ops.arithmetic import (
        fmod as fmod,
    )
    from cornu.ops.arithmetic import (
        gcd as gcd,
    )
    from cornu.ops.arithmetic import (
        lcm as lcm,
    )
    from cornu.ops.arithmetic import (
        maximum as maximum,
    )
    from cornu.ops.arithmetic import (
        minimum as minimum,
    )
    from cornu.ops.arithmetic import (
        mod as mod,
    )
    from cornu.ops.arithmetic import (
        multiply as multiply,
    )
    from cornu.ops.arithmetic import (
        negative as negative,
    )
    from cornu.ops.arithmetic import (
        power as power,
    )
    from cornu.ops.arithmetic import (
        reciprocal as reciprocal,
    )
    from cornu.ops.arithmetic import (
        sign as sign,
    )
    from cornu.ops.arithmetic import (
        square as square,
    )
    from cornu.ops.arithmetic import (
        subtract as subtract,
    )
    from cornu.ops.arithmetic import (
        true_divide as true_divide,
    )
    from cornu.ops.comparison import (
        allclose as allclose,
    )
    from cornu.ops.comparison import (
        equal as equal,
    )
    from cornu.ops.comparison import (
        greater as greater,
    )
    from cornu.ops.comparison import (
        greater_equal as greater_equal,
    )
    from cornu.ops.comparison import (
        isclose as isclose,
    )
    from cornu.ops.comparison import (
        less as less,
    )
    from cornu.ops.comparison import (
        less_equal as less_equal,
    )
    from cornu.ops.comparison import (
        not_equal as not_equal,
    )
    from cornu.ops.counting import (
        bincount as bincount,
    )
    from cornu.ops.counting import (
        corrcoef as corrcoef,
    )
    from cornu.ops.counting import (
        correlate as correlate,
    )
    from cornu.ops.counting import (
        histogram as histogram,
    )
    from cornu.ops.creation import (
        arange as arange,
    )
    from cornu.ops.creation import (
        empty as empty,
    )
    from cornu.ops.creation import (
        empty_like as empty_like,
    )
    from cornu.ops.creation import (
        eye as eye,
    )
    from cornu.ops.creation import (
        full as full,
    )
    from cornu.ops.creation import (
        full_like as full_like,
    )
    from cornu.ops.creation import (
        geomspace as geomspace,
    )
    from cornu.ops.creation import (
        identity as identity,
    )
    from cornu.ops.creation import (
        linspace as linspace,
    )
    from cornu.ops.creation import (
        logspace as logspace,
    )
    from cornu.ops.creation import (
        ones as ones,
    )
    from cornu.ops.creation import (
        ones_like as ones_like,
    )
    from cornu.ops.creation import (
        tri as tri,
    )
    from cornu.ops.creation import (
        zeros as zeros,
    )
    from cornu.ops.creation import (
        zeros_like as zeros_like,
    )
    from cornu.ops.diagonals import (
        diag as diag,
    )
    from cornu.ops.diagonals import (
        diagflat as diagflat,
    )
    from cornu.ops.diagonals import (
        diagonal as diagonal,
    )
    from cornu.ops.diagonals import (
        trace as trace,
    )
    from cornu.ops.diagonals import (
        tril as tril,
    )
    from cornu.ops.diagonals import (
        triu as triu,
    )
    from cornu.ops.diagonals import (
        vander as vander,
    )
    from cornu.ops.einstein import einsum as einsum
    from cornu.ops.exponents import (
        cbrt as cbrt,
    )
    from cornu.ops.exponents import (
        exp as exp,
    )
    from cornu.ops.exponents import (
        exp2 as exp2,
    )
    from cornu.ops.exponents import (
        expm1 as expm1,
    )
    from cornu.ops.exponents import (
        hypot as hypot,
    )
    from cornu.ops.exponents import (
        log as log,
    )
    from cornu.ops.exponents import (
        log1p as log1p,
    )
    from cornu.ops.exponents import (
        log2 as log2,
    )
    from cornu.ops.exponents import (
        log10 as log10,
    )
    from cornu.ops.exponents import (
        logaddexp as logaddexp,
    )
    from cornu.ops.exponents import (
        logaddexp2 as logaddexp2,
    )
    from cornu.ops.exponents import (
        sqrt as sqrt,
    )
    from cornu.ops.factorizations import slogdet as slogdet
    from cornu.ops.floats import (
        angle as angle,
    )
    from cornu.ops.floats import (
        conj as conj,
    )
    from cornu.ops.floats import (
        conjugate as conjugate,
    )
    from cornu.ops.floats import (
        heaviside as heaviside,
    )
    from cornu.ops.floats import (
        i0 as i0,
    )
    from cornu.ops.floats import (
        imag as imag,
    )
    from cornu.ops.floats import (
        isfinite as isfinite,
    )
    from cornu.ops.floats import (
        isinf as isinf,
    )
    from cornu.ops.floats import (
        isnan as isnan,
    )
    from cornu.ops.floats import (
        isneginf as isneginf,
    )
    from cornu.ops.floats import (
        isposinf as isposinf,
    )
    from cornu.ops.floats import (
        isreal as isreal,
    )
    from cornu.ops.floats import (
        ldexp as ldexp,
    )
    from cornu.ops.floats import (
        nan_to_num as nan_to_num,
    )
    from cornu.ops.floats import (
        real as real,
    )
    from cornu.ops.floats import (
        signbit as signbit,
    )
    from cornu.ops.indexing import get_item as get_item
    from cornu.ops.joining import (
        append as append,
    )
    from cornu.ops.joining import (
        array_split as array_split,
    )
    from cornu.ops.joining import (
        concatenate as concatenate,
    )
    from cornu.ops.joining import (
        dsplit as dsplit,
    )
    from cornu.ops.joining import (
        dstack as dstack,
    )
    from cornu.ops.joining import (
        hsplit as hsplit,
    )
    from cornu.ops.joining import (
        hstack as hstack,
    )
    from cornu.ops.joining import (
        meshgrid as meshgrid,
    )
    from cornu.ops.joining import (
        split as split,
    )
    from cornu.ops.joining import (
        stack as stack,
    )
    from cornu.ops.joining import (
        vsplit as vsplit,
    )
    from cornu.ops.joining import (
        vstack as vstack,
    )
    from cornu.ops.logic import (
        bitwise_and as bitwise_and,
    )
    from cornu.ops.logic import (
        bitwise_invert as bitwise_invert,
    )
    from cornu.ops.logic import (
        bitwise_left_shift as bitwise_left_shift,
    )
    from cornu.ops.logic import (
        bitwise_not as bitwise_not,
    )
    from cornu.ops.logic import (
        bitwise_or as bitwise_or,
    )
    from cornu.ops.logic import (
        bitwise_right_shift as bitwise_right_shift,
    )
    from cornu.ops.logic import (
        bitwise_xor as bitwise_xor,
    )
    from cornu.ops.logic import (
        left_shift as left_shift,
    )
    from cornu.ops.logic import (
        logical_and as logical_and,
    )
    from cornu.ops.logic import (
        logical_not as logical_not,
    )
    from cornu.ops.logic import (
        logical_or as logical_or,
    )
    from cornu.ops.logic import (
        logical_xor as logical_xor,
    )
    from cornu.ops.logic import (
        right_shift as right_shift,
    )
    from cornu.ops.mapping import vectorize as vectorize
    from cornu.ops.nan_reductions import (
        nanargmax as nanargmax,
    )
    from cornu.ops.nan_reductions import (
        nanargmin as nanargmin,
    )
    from cornu.ops.nan_reductions import (
        nancumprod as nancumprod,
    )
    from cornu.ops.nan_reductions import (
        nancumsum as nancumsum,
    )
    from cornu.ops.nan_reductions import (
        nanmax as nanmax,
    )
    from cornu.ops.nan_reductions import (
        nanmean as nanmean,
    )
    from cornu.ops.nan_reductions import (
        nanmin as nanmin,
    )
    from cornu.ops.nan_reductions import (
        nanprod as nanprod,
    )
    from cornu.ops.nan_reductions import (
        nanstd as nanstd,
    )
    from cornu.ops.nan_reductions import (
        nansum as nansum,
    )
    from cornu.ops.nan_reductions import (
        nanvar as nanvar,
    )
    from cornu.ops.ordering import (
        argpartition as argpartition,
    )
    from cornu.ops.ordering import (
        argsort as argsort,
    )
    from cornu.ops.ordering import (
        digitize as digitize,
    )
    from cornu.ops.ordering import (
        isin as isin,
    )
    from cornu.ops.ordering import (
        searchsorted as searchsorted,
    )
    from cornu.ops.ordering import (
        sort as sort,
    )
    from cornu.ops.ordering import (
        unique as unique,
    )
    from cornu.ops.products import (
        cross as cross,
    )
    from cornu.ops.products import (
        dot as dot,
    )
    from cornu.ops.products import (
        inner as inner,
    )
    from cornu.ops.products import (
        kron as kron,
    )
    from cornu.ops.products import (
        matmul as matmul,
    )
    from cornu.ops.products import (
        outer as outer,
    )
    from cornu.ops.products import (
        tensordot as tensordot,
    )
    from cornu.ops.products import (
        vdot as vdot,
    )
    from cornu.ops.quantiles import (
        median as median,
    )
    from cornu.ops.quantiles import (
        nanmedian as nanmedian,
    )
    from cornu.ops.quantiles import (
        nanpercentile as nanpercentile,
    )
    from cornu.ops.quantiles import (
        nanquantile as nanquantile,
    )
    from cornu.ops.quantiles import (
        percentile as percentile,
    )
    from cornu.ops.quantiles import (
        quantile as quantile,
    )
    from cornu.ops.reductions import (
        all as all,
    )
    from cornu.ops.reductions import (
        amax as amax,
    )
    from cornu.ops.reductions import (
        amin as amin,
    )
    from cornu.ops.reductions import (
        any as any,
    )
    from cornu.ops.reductions import (
        argmax as argmax,
    )
    from cornu.ops.reductions import (
        argmin as argmin,
    )
    from cornu.ops.reductions import (
        average as average,
    )
    from cornu.ops.reductions import (
        count_nonzero as count_nonzero,
    )
    from cornu.ops.reductions import (
        max as max,
    )
    from cornu.ops.reductions import (
        mean as mean,
    )
    from cornu.ops.reductions import (
        min as min,
    )
    from cornu.ops.reductions import (
        prod as prod,
    )
    from cornu.ops.reductions import (
        ptp as ptp,
    )
    from cornu.ops.reductions import (
        std as std,
    )
    from cornu.ops.reductions import (
        sum as sum,
    )
    from cornu.ops.reductions import (
        var as var,
    )
    from cornu.ops.repetition import (
        pad as pad,
    )
    from cornu.ops.repetition import (
        repeat as repeat,
    )
    from cornu.ops.repetition import (
        roll as roll,
    )
    from cornu.ops.repetition import (
        tile as tile,
    )
    from cornu.ops.rounding import (
        ceil as ceil,
    )
    from cornu.ops.rounding import (
        floor as floor,
    )
    from cornu.ops.rounding import (
        round as round,
    )
    from cornu.ops.rounding import (
        trunc as trunc,
    )
    from cornu.ops.running import (
        cumprod as cumprod,
    )
    from cornu.ops.running import (
        cumsum as cumsum,
    )
    from cornu.ops.running import (
        diff as diff,
    )
    from cornu.ops.running import (
        trapezoid as trapezoid,
    )
    from cornu.ops.selection import (
        nonzero as nonzero,
    )
    from cornu.ops.selection import (
        select as select,
    )
    from cornu.ops.selection import (
        take as take,
    )
    from cornu.ops.selection import (
        take_along_axis as take_along_axis,
    )
    from cornu.ops.selection import (
        unravel_index as unravel_index,
    )
    from cornu.ops.selection import (
        where as where,
    )
    from cornu.ops.shaping import (
        broadcast_to as broadcast_to,
    )
    from cornu.ops.shaping import (
        expand_dims as expand_dims,
    )
    from cornu.ops.shaping import (
        flip as flip,
    )
    from cornu.ops.shaping import (
        fliplr as fliplr,
    )
    from cornu.ops.shaping import (
        flipud as flipud,
    )
    from cornu.ops.shaping import (
        moveaxis as moveaxis,
    )
    from cornu.ops.shaping import (
        ravel as ravel,
    )
    from cornu.ops.shaping import (
        reshape as reshape,
    )
    from cornu.ops.shaping import (
        rot90 as rot90,
    )
    from cornu.ops.shaping import (
        squeeze as squeeze,
    )
    from cornu.ops.shaping import (
        swapaxes as swapaxes,
    )
    from cornu.ops.shaping import (
        transpose as transpose,
    )
    from cornu.ops.spacing import nextafter as nextafter
    from cornu.ops.trigonometry import (
        arccos as arccos,
    )
    from cornu.ops.trigonometry import (
        arccosh as arccosh,
    )
    from cornu.ops.trigonometry import (
        arcsin as arcsin,
    )
    from cornu.ops.trigonometry import (
        arcsinh as arcsinh,
    )
    from cornu.ops.trigonometry import (
        arctan as arctan,
    )
    from cornu.ops.trigonometry import (
        arctan2 as arctan2,
    )
    from cornu.ops.trigonometry import (
        arctanh as arctanh,
    )
    from cornu.ops.trigonometry import (
        cos as cos,
    )
    from cornu.ops.trigonometry import (
        cosh as cosh,
    )
    from cornu.ops.trigonometry import (
        deg2rad as deg2rad,
    )
    from cornu.ops.trigonometry import (
        rad2deg as rad2deg,
    )
    from cornu.ops.trigonometry import (
        sin as sin,
    )
    from cornu.ops.trigonometry import (
        sinc as sinc,
    )
    from cornu.ops.trigonometry import (
        sinh as sinh,
    )
    from cornu.ops.trigonometry import (
        tan as tan,
    )
    from cornu.ops.trigonometry import (
        tanh as tanh,
    )
    from cornu.ops.values import (
        array as array,
    )
    from cornu.ops.values import (
        copy as copy,
    )
    from cornu.ops.values import (
        ndim as ndim,
    )
    from cornu.ops.values import (
        size as size,
    )
    from cornu.ops.values import (
        view as view,
    )
    from cornu.ops.windows import (
        bartlett as bartlett,
    )
    from cornu.ops.windows import (
        blackman as blackman,
    )
    from cornu.ops.windows import (
        hamming as hamming,
    )
    from cornu.ops.windows import (
        hanning as hanning,
    )
    from cornu.ops.windows import (
        kaiser as kaiser,
    )

_FILES = {
    "arithmetic": """
        abs absolute add clip divide divide_no_nan fabs floor_divide fmax fmin fmod gcd lcm
        maximum minimum mod multiply negative power reciprocal sign square subtract true_divide
    """,
    "comparison": "allclose equal greater greater_equal isclose less less_equal not_equal",
    "counting": "bincount corrcoef correlate histogram",
    "creation": """
        arange empty empty_like eye full full_like geomspace identity linspace logspace ones
        ones_like tri zeros zeros_like
    """,
    "diagonals": "diag diagflat diagonal trace tril triu vander",
    "einstein": "einsum",
    "exponents": "cbrt exp exp2 expm1 hypot log log10 log1p log2 logaddexp logaddexp2 sqrt",
    "factorizations": "slogdet",
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
    "mapping": "vectorize",
    "nan_reductions": """
        nanargmax nanargmin nancumprod nancumsum nanmax nanmean nanmin nanprod nanstd nansum
        nanvar
    """,
    "ordering": "argpartition argsort digitize isin searchsorted sort unique",
    "products": "cross dot inner kron matmul outer tensordot vdot",
    "quantiles": "median nanmedian nanpercentile nanquantile percentile quantile",
    "reductions": """
        all amax amin any argmax argmin average count_nonzero max mean min prod ptp std sum var
    """,
    "repetition": "pad repeat roll tile",
    "rounding": "ceil floor round trunc",
    "running": "cumprod cumsum diff trapezoid",
    "selection": "nonzero select take take_along_axis unravel_index where",
    "shaping": """
        broadcast_to expand_dims flip fliplr flipud moveaxis ravel reshape rot90 squeeze
        swapaxes transpose
    """,
    "spacing": "nextafter",
    "trigonometry": """
        arccos arccosh arcsin arcsinh arctan arctan2 arctanh cos cosh deg2rad rad2deg sin sinc
        sinh tan tanh
    """,
    "values": "array copy ndim size view",
    "windows": "bartlett blackman hamming hanning kaiser",
}

__getattr__, __dir__, __all__ = attach(
    __name__,
    {},
    {name: f"cornu.ops.{file}:{name}" for file, names in _FILES.items() for name in names.split()},
)
