"""Old names of arguments and modules, as data. Read only where a call or an import would fail."""

from __future__ import annotations

__all__ = ["ARGUMENTS", "MODULES", "PARTS", "VALUES"]

# Argument of Keras 1 and 2 -> what it is called now. It means the first of these that the called
# function has, so classes needn't be named; a function that still has the old one keeps it.
ARGUMENTS: dict[str, tuple[str, ...]] = {
    # Sizes and shapes
    "atrous_rate": ("dilation_rate",),
    "border_mode": ("padding",),
    "dim_ordering": ("data_format",),
    "filter_length": ("kernel_size",),
    "nb_filter": ("filters",),
    "output_dim": ("units",),
    "pool_length": ("pool_size",),
    "stride": ("strides",),
    "subsample": ("strides",),
    "subsample_length": ("strides",),
    # Weights
    "W_constraint": ("kernel_constraint", "embeddings_constraint"),
    "W_regularizer": ("kernel_regularizer", "embeddings_regularizer"),
    "U_constraint": ("recurrent_constraint",),
    "U_regularizer": ("recurrent_regularizer",),
    "b_constraint": ("bias_constraint",),
    "b_regularizer": ("bias_regularizer",),
    "beta_init": ("beta_initializer",),
    "bias": ("use_bias",),
    "gamma_init": ("gamma_initializer",),
    "init": ("kernel_initializer", "embeddings_initializer"),
    "inner_activation": ("recurrent_activation",),
    "inner_init": ("recurrent_initializer",),
    # Noise
    "dropout_U": ("recurrent_dropout",),
    "dropout_W": ("dropout",),
    "p": ("rate",),
    "sigma": ("stddev",),
    # Models, training, data
    "input": ("inputs",),
    "lr": ("learning_rate",),
    "nb_classes": ("num_classes",),
    "nb_epoch": ("epochs",),
    "nb_words": ("num_words",),
    "output": ("outputs",),
}

# Arguments that are one now, a tuple.
PARTS: dict[tuple[str, ...], str] = {
    ("nb_row", "nb_col"): "kernel_size",
    ("kernel_dim1", "kernel_dim2", "kernel_dim3"): "kernel_size",
}

# Values that have another name too: argument -> old value -> new value.
VALUES: dict[str, dict[str, str]] = {
    "data_format": {"th": "channels_first", "tf": "channels_last"},
}

# Module of Keras 1 and 2 -> the one which has its names now. For `import keras...` only.
MODULES: dict[str, str] = {
    "keras.layers.advanced_activations": "keras.layers",
    "keras.layers.convolutional": "keras.layers",
    "keras.layers.core": "keras.layers",
    "keras.layers.embeddings": "keras.layers",
    "keras.layers.merge": "keras.layers",
    "keras.layers.noise": "keras.layers",
    "keras.layers.normalization": "keras.layers",
    "keras.layers.pooling": "keras.layers",
    "keras.layers.recurrent": "keras.layers",
    "keras.layers.wrappers": "keras.layers",
    "keras.utils.np_utils": "keras.utils",
}
