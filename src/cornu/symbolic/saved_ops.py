"""Under which class, module and arguments Keras' files know the ops of a graph: facts, as data.

A line is `Class op: inputs | config`. Inputs are stored in the node, in this order, those with `=`
by keyword; the rest goes to the `config` of the class. Ops that call functions (`scan`, `map`,
...) aren't here: a file can't hold them.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

__all__ = ["ROWS", "SavedForm", "form_of_class", "form_of_op"]


@dataclass(frozen=True)
class SavedForm:
    """How calls of one op are stored.

    Attributes:
        module: Keras' module of the class, such as `"keras.src.ops.numpy"`.
        class_name: The class, such as `"Sum"`.
        op: Name of the op.
        inputs: Parameters stored in the node by position; `*name` for the rest of the positions,
            `**name` for further keywords.
        keywords: Parameters stored in the node by keyword.
        config: Parameters stored in the class's config.
    """

    module: str
    class_name: str
    op: str
    inputs: tuple[str, ...]
    keywords: tuple[str, ...]
    config: tuple[str, ...]


# Second names of ops.
_SAME = {"abs": "absolute", "conj": "conjugate", "hard_swish": "hard_silu", "swish": "silu"}


def form_of_op(name: str) -> SavedForm | None:
    """Tell how an op is stored.

    Args:
        name: The op's name.

    Returns:
        Its form; None if files don't know it.

    Example:
        >>> form_of_op("mean").config
        ('axis', 'keepdims')
    """
    return _forms()[0].get(_SAME.get(name, name))


def form_of_class(class_name: str) -> SavedForm | None:
    """Tell which op a class in a file stands for.

    Args:
        class_name: Such as `"Sum"`.

    Returns:
        Its form; None if there is none.

    Example:
        >>> form_of_class("BatchNorm").op
        'batch_normalization'
    """
    return _forms()[1].get(class_name)


@functools.cache
def _forms() -> tuple[dict[str, SavedForm], dict[str, SavedForm]]:
    by_op: dict[str, SavedForm] = {}
    by_class: dict[str, SavedForm] = {}
    for module, lines in ROWS.items():
        for line in lines.split("\n"):
            head, _, parameters = line.strip().partition(": ")
            if not head:
                continue
            class_name, op = head.split()
            given, _, config = parameters.partition(" | ")
            names = given.split()
            form = SavedForm(
                module=f"keras.src.ops.{module}",
                class_name=class_name,
                op=op,
                inputs=tuple(n for n in names if not n.endswith("=")),
                keywords=tuple(n[:-1] for n in names if n.endswith("=")),
                config=tuple(config.split()),
            )
            by_op[op] = by_class[class_name] = form
    return by_op, by_class


ROWS: dict[str, str] = {
    "core": """
        Cast cast: x | dtype
        ConvertToTensor convert_to_tensor: x | dtype sparse ragged
        SaturateCast saturate_cast: x | dtype
        Scatter scatter: indices values | shape
        ScatterUpdate scatter_update: inputs indices updates | reduction
        Slice slice: inputs start_indices | shape
        SliceUpdate slice_update: inputs start_indices updates
        StopGradient stop_gradient: variable
        Unstack unstack: x | num axis
    """,
    "einops": """
        Rearrange rearrange: tensor pattern **axes_lengths
    """,
    "linalg": """
        Cholesky cholesky: x | upper
        CholeskyInverse cholesky_inverse: x | upper
        Det det: x
        Eig eig: x
        Eigh eigh: x
        Inv inv: x
        Lstsq lstsq: a b | rcond
        LuFactor lu_factor: x
        MatrixRank matrix_rank: x | tol
        Norm norm: x | ord axis keepdims
        Pinv pinv: x | rcond
        Qr qr: x | mode
        SVD svd: x | full_matrices compute_uv
        Solve solve: a b
        SolveTriangular solve_triangular: a b | lower
    """,
    "math": """
        CDist cdist: x y
        Erf erf: x
        Erfc erfc: x
        Erfinv erfinv: x
        ExtractSequences extract_sequences: x | sequence_length sequence_stride
        FFT fft: x
        FFT2 fft2: x
        IFFT2 ifft2: x
        IRFFT irfft: x | fft_length
        ISTFT istft: x | sequence_length sequence_stride fft_length length window center
        InTopK in_top_k: targets predictions | k
        Logdet logdet: x
        Logsumexp logsumexp: x | axis keepdims
        RFFT rfft: x | fft_length
        Rsqrt rsqrt: x
        STFT stft: x | sequence_length sequence_stride fft_length window center
        SegmentMax segment_max: data segment_ids | num_segments sorted
        SegmentMin segment_min: data segment_ids | num_segments sorted
        SegmentProd segment_prod: data segment_ids | num_segments sorted
        SegmentSum segment_sum: data segment_ids | num_segments sorted
        TopK top_k: x | k sorted
        ViewAsComplex view_as_complex: x
        ViewAsReal view_as_real: x
    """,
    "nn": """
        AdaptiveAveragePool adaptive_average_pool: inputs | output_size data_format
        AdaptiveMaxPool adaptive_max_pool: inputs | output_size data_format
        AveragePool average_pool: inputs | pool_size strides padding data_format
        BatchNorm batch_normalization: x mean variance offset scale | axis epsilon
        BinaryCrossentropy binary_crossentropy: target output | from_logits
        CTCDecode ctc_decode: inputs sequence_lengths | strategy beam_width top_paths \
         merge_repeated mask_index
        CTCLoss ctc_loss: target output target_length output_length | mask_index
        CategoricalCrossentropy categorical_crossentropy: target output | from_logits axis
        Celu celu: x | alpha
        Conv conv: inputs kernel | strides padding data_format dilation_rate
        ConvTranspose conv_transpose: inputs kernel | strides padding output_padding data_format \
         dilation_rate
        DepthToSpace depth_to_space: x | block_size data_format
        DepthwiseConv depthwise_conv: inputs kernel | strides padding data_format dilation_rate
        DotProductAttention dot_product_attention: query key value bias= mask= scale= | is_causal \
         flash_attention attn_logits_soft_cap
        Elu elu: x | alpha
        Fold fold: x | output_size kernel_size dilation padding stride
        Gelu gelu: x | approximate
        Glu glu: x | axis
        HardShrink hard_shrink: x | threshold
        HardSigmoid hard_sigmoid: x
        HardSilu hard_silu: x
        HardTanh hard_tanh: x
        LayerNorm layer_normalization: x gamma beta | axis epsilon rms_scaling
        LeakyRelu leaky_relu: x | negative_slope
        LogSigmoid log_sigmoid: x
        LogSoftmax log_softmax: x | axis
        MaxPool max_pool: inputs | pool_size strides padding data_format
        Moments moments: x | axes keepdims synchronized
        MultiHot multi_hot: inputs | num_classes axis dtype sparse
        Normalize normalize: x | axis order epsilon
        OneHot one_hot: x | num_classes axis dtype sparse
        PSNR psnr: x1 x2 | max_val
        Polar polar: abs_ angle
        RMSNorm rms_normalization: x scale= | axis epsilon
        Relu relu: x
        Relu6 relu6: x
        Selu selu: x
        SeparableConv separable_conv: inputs depthwise_kernel pointwise_kernel | strides padding \
         data_format dilation_rate
        Sigmoid sigmoid: x
        Silu silu: x
        SoftShrink soft_shrink: x | threshold
        Softmax softmax: x | axis
        Softplus softplus: x
        Softsign softsign: x
        SpaceToDepth space_to_depth: x | block_size data_format
        SparseCategoricalCrossentropy sparse_categorical_crossentropy: target output | \
         from_logits axis
        SparsePlus sparse_plus: x
        SparseSigmoid sparse_sigmoid: x
        Sparsemax sparsemax: x | axis
        Squareplus squareplus: x | b
        TanhShrink tanh_shrink: x
        Threshold threshold: x | threshold default_value
        Unfold unfold: x | kernel_size dilation padding stride
    """,
    "numpy": """
        Absolute absolute: x
        Add add: x1 x2
        All all: x | axis keepdims
        AllClose allclose: x1 x2 | rtol atol equal_nan
        Amax amax: x | axis keepdims
        Amin amin: x | axis keepdims
        Angle angle: x
        Any any: x | axis keepdims
        Append append: x1 x2 | axis
        Arange arange: start stop step | dtype
        Arccos arccos: x
        Arccosh arccosh: x
        Arcsin arcsin: x
        Arcsinh arcsinh: x
        Arctan arctan: x
        Arctan2 arctan2: x1 x2
        Arctanh arctanh: x
        Argmax argmax: x | axis keepdims
        Argmin argmin: x | axis keepdims
        Argpartition argpartition: x | kth axis
        Argsort argsort: x | axis
        Array array: x | dtype
        ArraySplit array_split: x | indices_or_sections axis
        Average average: x weights= | axis
        Bincount bincount: x | weights minlength sparse
        BitwiseAnd bitwise_and: x y
        BitwiseInvert bitwise_invert: x
        BitwiseLeftShift bitwise_left_shift: x y
        BitwiseNot bitwise_not: x
        BitwiseOr bitwise_or: x y
        BitwiseRightShift bitwise_right_shift: x y
        BitwiseXor bitwise_xor: x y
        BroadcastTo broadcast_to: x | shape
        Cbrt cbrt: x
        Ceil ceil: x
        Clip clip: x | x_min x_max
        Concatenate concatenate: xs | axis
        Conjugate conjugate: x
        Copy copy: x
        Corrcoef corrcoef: x
        Correlate correlate: x1 x2 | mode
        Cos cos: x
        Cosh cosh: x
        CountNonzero count_nonzero: x | axis
        Cross cross: x1 x2 | axisa axisb axisc axis
        Cumprod cumprod: x | axis dtype
        Cumsum cumsum: x | axis dtype
        Deg2rad deg2rad: x
        Diag diag: x | k
        Diagflat diagflat: x | k
        Diagonal diagonal: x | offset axis1 axis2
        Diff diff: a | n axis
        Digitize digitize: x bins
        Divide divide: x1 x2
        DivideNoNan divide_no_nan: x1 x2
        Dot dot: x1 x2
        Dsplit dsplit: x | indices_or_sections
        Dstack dstack: xs
        Einsum einsum: *operands **kwargs | subscripts
        EmptyLike empty_like: x | dtype
        Equal equal: x1 x2
        Exp exp: x
        Exp2 exp2: x
        ExpandDims expand_dims: x | axis
        Expm1 expm1: x
        Fabs fabs: x
        Flip flip: x | axis
        Fliplr fliplr: x
        Flipud flipud: x
        Floor floor: x
        FloorDivide floor_divide: x1 x2
        Fmax fmax: x1 x2
        Fmin fmin: x1 x2
        Fmod fmod: x1 x2
        Full full: fill_value | shape dtype
        FullLike full_like: x fill_value | dtype
        Gcd gcd: x1 x2
        Geomspace geomspace: start stop | num endpoint dtype axis
        GetItem get_item: x key
        Greater greater: x1 x2
        GreaterEqual greater_equal: x1 x2
        Heaviside heaviside: x1 x2
        Histogram histogram: x | bins range
        Hsplit hsplit: x | indices_or_sections
        Hstack hstack: xs
        Hypot hypot: x1 x2
        I0 i0: x
        Imag imag: x
        Inner inner: x1 x2
        IsIn isin: x1 x2 | assume_unique invert
        Isclose isclose: x1 x2 rtol atol | equal_nan
        Isfinite isfinite: x
        Isinf isinf: x
        Isnan isnan: x
        Isneginf isneginf: x
        Isposinf isposinf: x
        Isreal isreal: x
        Kron kron: x1 x2
        Lcm lcm: x1 x2
        Ldexp ldexp: x1 x2
        LeftShift left_shift: x y
        Less less: x1 x2
        LessEqual less_equal: x1 x2
        Linspace linspace: start stop | num endpoint retstep dtype axis
        Log log: x
        Log10 log10: x
        Log1p log1p: x
        Log2 log2: x
        Logaddexp logaddexp: x1 x2
        Logaddexp2 logaddexp2: x1 x2
        LogicalAnd logical_and: x1 x2
        LogicalNot logical_not: x
        LogicalOr logical_or: x1 x2
        LogicalXor logical_xor: x1 x2
        Logspace logspace: start stop | num endpoint base dtype axis
        Matmul matmul: x1 x2
        Max max: x | axis keepdims initial
        Maximum maximum: x1 x2
        Mean mean: x | axis keepdims
        Median median: x | axis keepdims
        Meshgrid meshgrid: *x | indexing
        Min min: x | axis keepdims initial
        Minimum minimum: x1 x2
        Mod mod: x1 x2
        Moveaxis moveaxis: x | source destination
        Multiply multiply: x1 x2
        NanToNum nan_to_num: x | nan posinf neginf
        Nanargmax nanargmax: x | axis keepdims
        Nanargmin nanargmin: x | axis keepdims
        Nancumprod nancumprod: x | axis dtype
        Nancumsum nancumsum: x | axis dtype
        Nanmax nanmax: x | axis keepdims
        Nanmean nanmean: x | axis keepdims
        Nanmedian nanmedian: x | axis keepdims
        Nanmin nanmin: x | axis keepdims
        Nanpercentile nanpercentile: x q | axis method keepdims
        Nanprod nanprod: x | axis keepdims
        Nanquantile nanquantile: x q | axis method keepdims
        Nanstd nanstd: x | axis keepdims
        Nansum nansum: x | axis keepdims
        Nanvar nanvar: x | axis keepdims
        Ndim ndim: x
        Negative negative: x
        Nextafter nextafter: x1 x2
        Nonzero nonzero: x
        NotEqual not_equal: x1 x2
        OnesLike ones_like: x | dtype
        Outer outer: x1 x2
        Pad pad: x constant_values= | pad_width mode
        Percentile percentile: x q | axis method keepdims
        Power power: x1 x2
        Prod prod: x | axis keepdims dtype
        Ptp ptp: x | axis keepdims
        Quantile quantile: x q | axis method keepdims
        Rad2deg rad2deg: x
        Ravel ravel: x
        Real real: x
        Reciprocal reciprocal: x
        Repeat repeat: x | repeats axis
        Reshape reshape: x | newshape
        RightShift right_shift: x y
        Roll roll: x | shift axis
        Rot90 rot90: array | k axes
        Round round: x | decimals
        SearchSorted searchsorted: sorted_sequence values | side
        Select select: condlist choicelist default
        Sign sign: x
        Signbit signbit: x
        Sin sin: x
        Sinc sinc: x
        Sinh sinh: x
        Size size: x
        Slogdet slogdet: x
        Sort sort: x | axis
        Split split: x | indices_or_sections axis
        Sqrt sqrt: x
        Square square: x
        Squeeze squeeze: x | axis
        Stack stack: x | axis
        Std std: x | axis keepdims
        Subtract subtract: x1 x2
        Sum sum: x | axis keepdims
        Swapaxes swapaxes: x | axis1 axis2
        Take take: x indices | axis
        TakeAlongAxis take_along_axis: x indices | axis
        Tan tan: x
        Tanh tanh: x
        Tensordot tensordot: x1 x2 | axes
        Tile tile: x | repeats
        Trace trace: x | offset axis1 axis2
        Transpose transpose: x | axes
        Trapezoid trapezoid: y | x dx axis
        Tril tril: x | k
        Triu triu: x | k
        TrueDivide true_divide: x1 x2
        Trunc trunc: x
        Unique unique: x | sorted return_index return_inverse return_counts axis size fill_value
        UnravelIndex unravel_index: indices | shape
        Vander vander: x | N increasing
        Var var: x | axis keepdims
        Vdot vdot: x1 x2
        View view: x | dtype
        Vsplit vsplit: x | indices_or_sections
        Vstack vstack: xs
        Where where: condition x1 x2
        ZerosLike zeros_like: x | dtype
    """,
}
