"""Losses: how far predictions are from targets (`keras.losses`).

Functions give a loss per sample; classes put a reduction around them. `reduction` is the one place
where weights and masks meet losses. Start reading at `loss` and `function_loss`.
"""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.losses.crossentropies import BinaryCrossentropy as BinaryCrossentropy
    from cornu.losses.crossentropies import CategoricalCrossentropy as CategoricalCrossentropy
    from cornu.losses.crossentropies import (
        CategoricalGeneralizedCrossEntropy as CategoricalGeneralizedCrossEntropy,
    )
    from cornu.losses.crossentropies import (
        SparseCategoricalCrossentropy as SparseCategoricalCrossentropy,
    )
    from cornu.losses.crossentropies import binary_crossentropy as binary_crossentropy
    from cornu.losses.crossentropies import categorical_crossentropy as categorical_crossentropy
    from cornu.losses.crossentropies import (
        categorical_generalized_cross_entropy as categorical_generalized_cross_entropy,
    )
    from cornu.losses.crossentropies import (
        sparse_categorical_crossentropy as sparse_categorical_crossentropy,
    )
    from cornu.losses.divergences import KLDivergence as KLDivergence
    from cornu.losses.divergences import Poisson as Poisson
    from cornu.losses.divergences import kl_divergence as kl_divergence
    from cornu.losses.divergences import poisson as poisson
    from cornu.losses.focal import BinaryFocalCrossentropy as BinaryFocalCrossentropy
    from cornu.losses.focal import CategoricalFocalCrossentropy as CategoricalFocalCrossentropy
    from cornu.losses.focal import binary_focal_crossentropy as binary_focal_crossentropy
    from cornu.losses.focal import categorical_focal_crossentropy as categorical_focal_crossentropy
    from cornu.losses.hinges import CategoricalHinge as CategoricalHinge
    from cornu.losses.hinges import Hinge as Hinge
    from cornu.losses.hinges import SquaredHinge as SquaredHinge
    from cornu.losses.hinges import categorical_hinge as categorical_hinge
    from cornu.losses.hinges import hinge as hinge
    from cornu.losses.hinges import squared_hinge as squared_hinge
    from cornu.losses.lookup import deserialize as deserialize
    from cornu.losses.lookup import get as get
    from cornu.losses.lookup import serialize as serialize
    from cornu.losses.loss import Loss as Loss
    from cornu.losses.overlaps import Dice as Dice
    from cornu.losses.overlaps import Tversky as Tversky
    from cornu.losses.overlaps import dice as dice
    from cornu.losses.overlaps import tversky as tversky
    from cornu.losses.regression import CosineSimilarity as CosineSimilarity
    from cornu.losses.regression import Huber as Huber
    from cornu.losses.regression import LogCosh as LogCosh
    from cornu.losses.regression import MeanAbsoluteError as MeanAbsoluteError
    from cornu.losses.regression import MeanAbsolutePercentageError as MeanAbsolutePercentageError
    from cornu.losses.regression import MeanSquaredError as MeanSquaredError
    from cornu.losses.regression import MeanSquaredLogarithmicError as MeanSquaredLogarithmicError
    from cornu.losses.regression import cosine_similarity as cosine_similarity
    from cornu.losses.regression import huber as huber
    from cornu.losses.regression import log_cosh as log_cosh
    from cornu.losses.regression import mean_absolute_error as mean_absolute_error
    from cornu.losses.regression import (
        mean_absolute_percentage_error as mean_absolute_percentage_error,
    )
    from cornu.losses.regression import mean_squared_error as mean_squared_error
    from cornu.losses.regression import (
        mean_squared_logarithmic_error as mean_squared_logarithmic_error,
    )
    from cornu.losses.sequences import CTC as CTC
    from cornu.losses.sequences import ctc as ctc
    from cornu.losses.similarity import Circle as Circle
    from cornu.losses.similarity import circle as circle

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "crossentropies": (
            "BinaryCrossentropy CategoricalCrossentropy CategoricalGeneralizedCrossEntropy "
            "SparseCategoricalCrossentropy binary_crossentropy categorical_crossentropy "
            "categorical_generalized_cross_entropy sparse_categorical_crossentropy"
        ),
        "divergences": "KLDivergence Poisson kl_divergence poisson",
        "focal": (
            "BinaryFocalCrossentropy CategoricalFocalCrossentropy binary_focal_crossentropy "
            "categorical_focal_crossentropy"
        ),
        "hinges": "CategoricalHinge Hinge SquaredHinge categorical_hinge hinge squared_hinge",
        "lookup": "deserialize get serialize",
        "loss": "Loss",
        "overlaps": "Dice Tversky dice tversky",
        "regression": (
            "CosineSimilarity Huber LogCosh MeanAbsoluteError MeanAbsolutePercentageError "
            "MeanSquaredError MeanSquaredLogarithmicError cosine_similarity huber log_cosh "
            "mean_absolute_error mean_absolute_percentage_error mean_squared_error "
            "mean_squared_logarithmic_error"
        ),
        "sequences": "CTC ctc",
        "similarity": "Circle circle",
    },
)
