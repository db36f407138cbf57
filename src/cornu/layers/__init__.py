"""Layers (`keras.layers`).

One folder per family, `layer.py` holds the base of all, `call_spec.py` the arguments of a call,
`config.py` what configs are derived from. Start at `layer.py`, then `core/dense.py`.
"""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.layers.activations.activation import Activation as Activation
    from cornu.layers.activations.elu import ELU as ELU
    from cornu.layers.activations.leaky_relu import LeakyReLU as LeakyReLU
    from cornu.layers.activations.prelu import PReLU as PReLU
    from cornu.layers.activations.relu import ReLU as ReLU
    from cornu.layers.activations.softmax import Softmax as Softmax
    from cornu.layers.attention.additive_attention import AdditiveAttention as AdditiveAttention
    from cornu.layers.attention.attention import Attention as Attention
    from cornu.layers.attention.grouped_query_attention import (
        GroupQueryAttention as GroupQueryAttention,
    )
    from cornu.layers.attention.multi_head_attention import MultiHeadAttention as MultiHeadAttention
    from cornu.layers.convolutional.conv import Conv1D as Conv1D
    from cornu.layers.convolutional.conv import Conv2D as Conv2D
    from cornu.layers.convolutional.conv import Conv3D as Conv3D
    from cornu.layers.convolutional.conv_transpose import Conv1DTranspose as Conv1DTranspose
    from cornu.layers.convolutional.conv_transpose import Conv2DTranspose as Conv2DTranspose
    from cornu.layers.convolutional.conv_transpose import Conv3DTranspose as Conv3DTranspose
    from cornu.layers.convolutional.depthwise_conv import DepthwiseConv1D as DepthwiseConv1D
    from cornu.layers.convolutional.depthwise_conv import DepthwiseConv2D as DepthwiseConv2D
    from cornu.layers.convolutional.separable_conv import SeparableConv1D as SeparableConv1D
    from cornu.layers.convolutional.separable_conv import SeparableConv2D as SeparableConv2D
    from cornu.layers.core.dense import Dense as Dense
    from cornu.layers.core.einsum_dense import EinsumDense as EinsumDense
    from cornu.layers.core.embedding import Embedding as Embedding
    from cornu.layers.core.identity import Identity as Identity
    from cornu.layers.core.lambda_layer import Lambda as Lambda
    from cornu.layers.core.masking import Masking as Masking
    from cornu.layers.core.reversible_embedding import ReversibleEmbedding as ReversibleEmbedding
    from cornu.layers.core.wrapper import Wrapper as Wrapper
    from cornu.layers.input_layer import Input as Input
    from cornu.layers.input_layer import InputLayer as InputLayer
    from cornu.layers.input_spec import InputSpec as InputSpec
    from cornu.layers.layer import Layer as Layer
    from cornu.layers.lookup import deserialize as deserialize
    from cornu.layers.lookup import serialize as serialize
    from cornu.layers.merging.dot_products import Dot as Dot
    from cornu.layers.merging.dot_products import dot as dot
    from cornu.layers.merging.elementwise import Add as Add
    from cornu.layers.merging.elementwise import Average as Average
    from cornu.layers.merging.elementwise import Maximum as Maximum
    from cornu.layers.merging.elementwise import Minimum as Minimum
    from cornu.layers.merging.elementwise import Multiply as Multiply
    from cornu.layers.merging.elementwise import Subtract as Subtract
    from cornu.layers.merging.elementwise import add as add
    from cornu.layers.merging.elementwise import average as average
    from cornu.layers.merging.elementwise import maximum as maximum
    from cornu.layers.merging.elementwise import minimum as minimum
    from cornu.layers.merging.elementwise import multiply as multiply
    from cornu.layers.merging.elementwise import subtract as subtract
    from cornu.layers.merging.joining import Concatenate as Concatenate
    from cornu.layers.merging.joining import concatenate as concatenate
    from cornu.layers.normalization.batch_normalization import (
        BatchNormalization as BatchNormalization,
    )
    from cornu.layers.normalization.group_normalization import (
        GroupNormalization as GroupNormalization,
    )
    from cornu.layers.normalization.layer_normalization import (
        LayerNormalization as LayerNormalization,
    )
    from cornu.layers.normalization.rms_normalization import RMSNormalization as RMSNormalization
    from cornu.layers.normalization.spectral_normalization import (
        SpectralNormalization as SpectralNormalization,
    )
    from cornu.layers.normalization.unit_normalization import UnitNormalization as UnitNormalization
    from cornu.layers.pooling.adaptive_average_pooling import (
        AdaptiveAveragePooling1D as AdaptiveAveragePooling1D,
    )
    from cornu.layers.pooling.adaptive_average_pooling import (
        AdaptiveAveragePooling2D as AdaptiveAveragePooling2D,
    )
    from cornu.layers.pooling.adaptive_average_pooling import (
        AdaptiveAveragePooling3D as AdaptiveAveragePooling3D,
    )
    from cornu.layers.pooling.adaptive_max_pooling import (
        AdaptiveMaxPooling1D as AdaptiveMaxPooling1D,
    )
    from cornu.layers.pooling.adaptive_max_pooling import (
        AdaptiveMaxPooling2D as AdaptiveMaxPooling2D,
    )
    from cornu.layers.pooling.adaptive_max_pooling import (
        AdaptiveMaxPooling3D as AdaptiveMaxPooling3D,
    )
    from cornu.layers.pooling.average_pooling import AveragePooling1D as AveragePooling1D
    from cornu.layers.pooling.average_pooling import AveragePooling2D as AveragePooling2D
    from cornu.layers.pooling.average_pooling import AveragePooling3D as AveragePooling3D
    from cornu.layers.pooling.global_average_pooling import (
        GlobalAveragePooling1D as GlobalAveragePooling1D,
    )
    from cornu.layers.pooling.global_average_pooling import (
        GlobalAveragePooling2D as GlobalAveragePooling2D,
    )
    from cornu.layers.pooling.global_average_pooling import (
        GlobalAveragePooling3D as GlobalAveragePooling3D,
    )
    from cornu.layers.pooling.global_max_pooling import GlobalMaxPooling1D as GlobalMaxPooling1D
    from cornu.layers.pooling.global_max_pooling import GlobalMaxPooling2D as GlobalMaxPooling2D
    from cornu.layers.pooling.global_max_pooling import GlobalMaxPooling3D as GlobalMaxPooling3D
    from cornu.layers.pooling.max_pooling import MaxPooling1D as MaxPooling1D
    from cornu.layers.pooling.max_pooling import MaxPooling2D as MaxPooling2D
    from cornu.layers.pooling.max_pooling import MaxPooling3D as MaxPooling3D
    from cornu.layers.preprocessing.category_encoding import CategoryEncoding as CategoryEncoding
    from cornu.layers.preprocessing.center_crop import CenterCrop as CenterCrop
    from cornu.layers.preprocessing.discretization import Discretization as Discretization
    from cornu.layers.preprocessing.normalization import Normalization as Normalization
    from cornu.layers.preprocessing.pipeline import Pipeline as Pipeline
    from cornu.layers.preprocessing.random_colors import RandomBrightness as RandomBrightness
    from cornu.layers.preprocessing.random_colors import RandomContrast as RandomContrast
    from cornu.layers.preprocessing.random_crop import RandomCrop as RandomCrop
    from cornu.layers.preprocessing.random_flip import RandomFlip as RandomFlip
    from cornu.layers.preprocessing.random_warps import RandomRotation as RandomRotation
    from cornu.layers.preprocessing.random_warps import RandomTranslation as RandomTranslation
    from cornu.layers.preprocessing.random_warps import RandomZoom as RandomZoom
    from cornu.layers.preprocessing.rescaling import Rescaling as Rescaling
    from cornu.layers.preprocessing.resizing import Resizing as Resizing
    from cornu.layers.regularization.activity_regularization import (
        ActivityRegularization as ActivityRegularization,
    )
    from cornu.layers.regularization.alpha_dropout import AlphaDropout as AlphaDropout
    from cornu.layers.regularization.dropout import Dropout as Dropout
    from cornu.layers.regularization.gaussian_dropout import GaussianDropout as GaussianDropout
    from cornu.layers.regularization.gaussian_noise import GaussianNoise as GaussianNoise
    from cornu.layers.regularization.spatial_dropout import SpatialDropout1D as SpatialDropout1D
    from cornu.layers.regularization.spatial_dropout import SpatialDropout2D as SpatialDropout2D
    from cornu.layers.regularization.spatial_dropout import SpatialDropout3D as SpatialDropout3D
    from cornu.layers.reshaping.cropping import Cropping1D as Cropping1D
    from cornu.layers.reshaping.cropping import Cropping2D as Cropping2D
    from cornu.layers.reshaping.cropping import Cropping3D as Cropping3D
    from cornu.layers.reshaping.flatten import Flatten as Flatten
    from cornu.layers.reshaping.permute import Permute as Permute
    from cornu.layers.reshaping.repeat_vector import RepeatVector as RepeatVector
    from cornu.layers.reshaping.reshape import Reshape as Reshape
    from cornu.layers.reshaping.up_sampling import UpSampling1D as UpSampling1D
    from cornu.layers.reshaping.up_sampling import UpSampling2D as UpSampling2D
    from cornu.layers.reshaping.up_sampling import UpSampling3D as UpSampling3D
    from cornu.layers.reshaping.zero_padding import ZeroPadding1D as ZeroPadding1D
    from cornu.layers.reshaping.zero_padding import ZeroPadding2D as ZeroPadding2D
    from cornu.layers.reshaping.zero_padding import ZeroPadding3D as ZeroPadding3D
    from cornu.layers.rnn.bidirectional import Bidirectional as Bidirectional
    from cornu.layers.rnn.conv_lstm import ConvLSTM1D as ConvLSTM1D
    from cornu.layers.rnn.conv_lstm import ConvLSTM2D as ConvLSTM2D
    from cornu.layers.rnn.conv_lstm import ConvLSTM3D as ConvLSTM3D
    from cornu.layers.rnn.gru import GRU as GRU
    from cornu.layers.rnn.gru import GRUCell as GRUCell
    from cornu.layers.rnn.lstm import LSTM as LSTM
    from cornu.layers.rnn.lstm import LSTMCell as LSTMCell
    from cornu.layers.rnn.recurrent_layer import RNN as RNN
    from cornu.layers.rnn.simple_rnn import SimpleRNN as SimpleRNN
    from cornu.layers.rnn.simple_rnn import SimpleRNNCell as SimpleRNNCell
    from cornu.layers.rnn.stacked_cells import StackedRNNCells as StackedRNNCells
    from cornu.layers.rnn.time_distributed import TimeDistributed as TimeDistributed

    AvgPool1D = AveragePooling1D
    AvgPool2D = AveragePooling2D
    AvgPool3D = AveragePooling3D
    Convolution1D = Conv1D
    Convolution1DTranspose = Conv1DTranspose
    Convolution2D = Conv2D
    Convolution2DTranspose = Conv2DTranspose
    Convolution3D = Conv3D
    Convolution3DTranspose = Conv3DTranspose
    GlobalAvgPool1D = GlobalAveragePooling1D
    GlobalAvgPool2D = GlobalAveragePooling2D
    GlobalAvgPool3D = GlobalAveragePooling3D
    GlobalMaxPool1D = GlobalMaxPooling1D
    GlobalMaxPool2D = GlobalMaxPooling2D
    GlobalMaxPool3D = GlobalMaxPooling3D
    MaxPool1D = MaxPooling1D
    MaxPool2D = MaxPooling2D
    MaxPool3D = MaxPooling3D
    SeparableConvolution1D = SeparableConv1D
    SeparableConvolution2D = SeparableConv2D

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "activations.activation": "Activation",
        "activations.elu": "ELU",
        "activations.leaky_relu": "LeakyReLU",
        "activations.prelu": "PReLU",
        "activations.relu": "ReLU",
        "activations.softmax": "Softmax",
        "attention.additive_attention": "AdditiveAttention",
        "attention.attention": "Attention",
        "attention.grouped_query_attention": "GroupQueryAttention",
        "attention.multi_head_attention": "MultiHeadAttention",
        "convolutional.conv": "Conv1D Conv2D Conv3D",
        "convolutional.conv_transpose": "Conv1DTranspose Conv2DTranspose Conv3DTranspose",
        "convolutional.depthwise_conv": "DepthwiseConv1D DepthwiseConv2D",
        "convolutional.separable_conv": "SeparableConv1D SeparableConv2D",
        "core.dense": "Dense",
        "core.einsum_dense": "EinsumDense",
        "core.embedding": "Embedding",
        "core.identity": "Identity",
        "core.lambda_layer": "Lambda",
        "core.masking": "Masking",
        "core.reversible_embedding": "ReversibleEmbedding",
        "core.wrapper": "Wrapper",
        "input_layer": "Input InputLayer",
        "input_spec": "InputSpec",
        "layer": "Layer",
        "lookup": "deserialize serialize",
        "merging.dot_products": "Dot dot",
        "merging.elementwise": (
            "Add Average Maximum Minimum Multiply Subtract add average maximum minimum "
            "multiply subtract"
        ),
        "merging.joining": "Concatenate concatenate",
        "normalization.batch_normalization": "BatchNormalization",
        "normalization.group_normalization": "GroupNormalization",
        "normalization.layer_normalization": "LayerNormalization",
        "normalization.rms_normalization": "RMSNormalization",
        "normalization.spectral_normalization": "SpectralNormalization",
        "normalization.unit_normalization": "UnitNormalization",
        "pooling.adaptive_average_pooling": (
            "AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D"
        ),
        "pooling.adaptive_max_pooling": (
            "AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D"
        ),
        "pooling.average_pooling": "AveragePooling1D AveragePooling2D AveragePooling3D",
        "pooling.global_average_pooling": (
            "GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D"
        ),
        "pooling.global_max_pooling": "GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D",
        "pooling.max_pooling": "MaxPooling1D MaxPooling2D MaxPooling3D",
        "preprocessing.category_encoding": "CategoryEncoding",
        "preprocessing.center_crop": "CenterCrop",
        "preprocessing.discretization": "Discretization",
        "preprocessing.normalization": "Normalization",
        "preprocessing.pipeline": "Pipeline",
        "preprocessing.random_colors": "RandomBrightness RandomContrast",
        "preprocessing.random_crop": "RandomCrop",
        "preprocessing.random_flip": "RandomFlip",
        "preprocessing.random_warps": "RandomRotation RandomTranslation RandomZoom",
        "preprocessing.rescaling": "Rescaling",
        "preprocessing.resizing": "Resizing",
        "regularization.activity_regularization": "ActivityRegularization",
        "regularization.alpha_dropout": "AlphaDropout",
        "regularization.dropout": "Dropout",
        "regularization.gaussian_dropout": "GaussianDropout",
        "regularization.gaussian_noise": "GaussianNoise",
        "regularization.spatial_dropout": "SpatialDropout1D SpatialDropout2D SpatialDropout3D",
        "reshaping.cropping": "Cropping1D Cropping2D Cropping3D",
        "reshaping.flatten": "Flatten",
        "reshaping.permute": "Permute",
        "reshaping.repeat_vector": "RepeatVector",
        "reshaping.reshape": "Reshape",
        "reshaping.up_sampling": "UpSampling1D UpSampling2D UpSampling3D",
        "reshaping.zero_padding": "ZeroPadding1D ZeroPadding2D ZeroPadding3D",
        "rnn.bidirectional": "Bidirectional",
        "rnn.conv_lstm": "ConvLSTM1D ConvLSTM2D ConvLSTM3D",
        "rnn.gru": "GRU GRUCell",
        "rnn.lstm": "LSTM LSTMCell",
        "rnn.recurrent_layer": "RNN",
        "rnn.simple_rnn": "SimpleRNN SimpleRNNCell",
        "rnn.stacked_cells": "StackedRNNCells",
        "rnn.time_distributed": "TimeDistributed",
    },
    aliases={
        "AvgPool1D": "cornu.layers.pooling.average_pooling:AveragePooling1D",
        "AvgPool2D": "cornu.layers.pooling.average_pooling:AveragePooling2D",
        "AvgPool3D": "cornu.layers.pooling.average_pooling:AveragePooling3D",
        "Convolution1D": "cornu.layers.convolutional.conv:Conv1D",
        "Convolution1DTranspose": "cornu.layers.convolutional.conv_transpose:Conv1DTranspose",
        "Convolution2D": "cornu.layers.convolutional.conv:Conv2D",
        "Convolution2DTranspose": "cornu.layers.convolutional.conv_transpose:Conv2DTranspose",
        "Convolution3D": "cornu.layers.convolutional.conv:Conv3D",
        "Convolution3DTranspose": "cornu.layers.convolutional.conv_transpose:Conv3DTranspose",
        "GlobalAvgPool1D": "cornu.layers.pooling.global_average_pooling:GlobalAveragePooling1D",
        "GlobalAvgPool2D": "cornu.layers.pooling.global_average_pooling:GlobalAveragePooling2D",
        "GlobalAvgPool3D": "cornu.layers.pooling.global_average_pooling:GlobalAveragePooling3D",
        "GlobalMaxPool1D": "cornu.layers.pooling.global_max_pooling:GlobalMaxPooling1D",
        "GlobalMaxPool2D": "cornu.layers.pooling.global_max_pooling:GlobalMaxPooling2D",
        "GlobalMaxPool3D": "cornu.layers.pooling.global_max_pooling:GlobalMaxPooling3D",
        "MaxPool1D": "cornu.layers.pooling.max_pooling:MaxPooling1D",
        "MaxPool2D": "cornu.layers.pooling.max_pooling:MaxPooling2D",
        "MaxPool3D": "cornu.layers.pooling.max_pooling:MaxPooling3D",
        "SeparableConvolution1D": "cornu.layers.convolutional.separable_conv:SeparableConv1D",
        "SeparableConvolution2D": "cornu.layers.convolutional.separable_conv:SeparableConv2D",
    },
)
