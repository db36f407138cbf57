"""The Keras API with an engine of its own.

This file holds no code, only the public names; each is bound on first use, so that importing
cornu costs next to nothing. `docs/architecture.md` says what is where.
"""

from typing import TYPE_CHECKING

from cornu.keras_names import __version__ as __version__
from cornu.lazy import attach, explain_missing_names

if TYPE_CHECKING:
    from cornu import activations as activations
    from cornu import applications as applications
    from cornu import backend as backend
    from cornu import callbacks as callbacks
    from cornu import config as config
    from cornu import constraints as constraints
    from cornu import datasets as datasets
    from cornu import distillation as distillation
    from cornu import distribution as distribution
    from cornu import dtype_policies as dtype_policies
    from cornu import errors as errors
    from cornu import export as export
    from cornu import initializers as initializers
    from cornu import layers as layers
    from cornu import legacy as legacy
    from cornu import losses as losses
    from cornu import metrics as metrics
    from cornu import mixed_precision as mixed_precision
    from cornu import models as models
    from cornu import ops as ops
    from cornu import optimizers as optimizers
    from cornu import preprocessing as preprocessing
    from cornu import quantizers as quantizers
    from cornu import random as random
    from cornu import regularizers as regularizers
    from cornu import saving as saving
    from cornu import testing as testing
    from cornu import tree as tree
    from cornu import utils as utils
    from cornu import visualization as visualization
    from cornu import wrappers as wrappers
    from cornu.cli.alias import install_as_keras as install_as_keras
    from cornu.graph.array import Array as Array
    from cornu.graph.kerastensor import KerasTensor as KerasTensor
    from cornu.initializers.initializer import Initializer as Initializer
    from cornu.layers.input_layer import Input as Input
    from cornu.layers.input_spec import InputSpec as InputSpec
    from cornu.layers.layer import Layer as Layer
    from cornu.losses.loss import Loss as Loss
    from cornu.metrics.metric import Metric as Metric
    from cornu.models.functional import Model as Model
    from cornu.models.sequential import Sequential as Sequential
    from cornu.optimizers.optimizer import Optimizer as Optimizer
    from cornu.regularizers.regularizer import Regularizer as Regularizer
    from cornu.state.names import name_scope as name_scope
    from cornu.state.policy import DTypePolicy as DTypePolicy
    from cornu.state.policy import FloatDTypePolicy as FloatDTypePolicy
    from cornu.state.scopes import StatelessScope as StatelessScope
    from cornu.state.scopes import SymbolicScope as SymbolicScope
    from cornu.state.transforms import grad as grad
    from cornu.state.transforms import jit as jit
    from cornu.state.transforms import value_and_grad as value_and_grad
    from cornu.state.variable import Variable as Variable
    from cornu.symbolic.function import Function as Function
    from cornu.symbolic.operation import Operation as Operation


__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "": "activations applications backend callbacks config constraints datasets "
        "distillation distribution dtype_policies errors export initializers layers "
        "legacy losses metrics mixed_precision models ops optimizers preprocessing "
        "quantizers random regularizers saving testing tree utils visualization wrappers",
    },
    aliases={
        "Array": "cornu.graph.array:Array",
        "DTypePolicy": "cornu.state.policy:DTypePolicy",
        "FloatDTypePolicy": "cornu.state.policy:FloatDTypePolicy",
        "Function": "cornu.symbolic.function:Function",
        "Initializer": "cornu.initializers.initializer:Initializer",
        "Input": "cornu.layers.input_layer:Input",
        "InputSpec": "cornu.layers.input_spec:InputSpec",
        "KerasTensor": "cornu.graph.kerastensor:KerasTensor",
        "Layer": "cornu.layers.layer:Layer",
        "Loss": "cornu.losses.loss:Loss",
        "Metric": "cornu.metrics.metric:Metric",
        "Model": "cornu.models.functional:Model",
        "Operation": "cornu.symbolic.operation:Operation",
        "Optimizer": "cornu.optimizers.optimizer:Optimizer",
        "Regularizer": "cornu.regularizers.regularizer:Regularizer",
        "Sequential": "cornu.models.sequential:Sequential",
        "StatelessScope": "cornu.state.scopes:StatelessScope",
        "SymbolicScope": "cornu.state.scopes:SymbolicScope",
        "Variable": "cornu.state.variable:Variable",
        "grad": "cornu.state.transforms:grad",
        "install_as_keras": "cornu.cli.alias:install_as_keras",
        "jit": "cornu.state.transforms:jit",
        "name_scope": "cornu.state.names:name_scope",
        "value_and_grad": "cornu.state.transforms:value_and_grad",
    },
)
explain_missing_names()
