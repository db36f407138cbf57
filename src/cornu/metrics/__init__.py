"""Metrics: quantities that are followed over the batches of an epoch (`keras.metrics`).

Those that are a mean of a function stand in `accuracies`, `top_classes`, `means_of_losses` and
`correlations`; those that count in `confusion` and what builds on it. Start reading at `metric` and
`reductions`.
"""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.losses.crossentropies import binary_crossentropy as binary_crossentropy
    from cornu.losses.crossentropies import categorical_crossentropy as categorical_crossentropy
    from cornu.losses.crossentropies import (
        sparse_categorical_crossentropy as sparse_categorical_crossentropy,
    )
    from cornu.losses.divergences import kl_divergence as kl_divergence
    from cornu.losses.divergences import poisson as poisson
    from cornu.losses.focal import binary_focal_crossentropy as binary_focal_crossentropy
    from cornu.losses.focal import categorical_focal_crossentropy as categorical_focal_crossentropy
    from cornu.losses.hinges import categorical_hinge as categorical_hinge
    from cornu.losses.hinges import hinge as hinge
    from cornu.losses.hinges import squared_hinge as squared_hinge
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
    from cornu.metrics.accuracies import Accuracy as Accuracy
    from cornu.metrics.accuracies import BinaryAccuracy as BinaryAccuracy
    from cornu.metrics.accuracies import CategoricalAccuracy as CategoricalAccuracy
    from cornu.metrics.accuracies import SparseCategoricalAccuracy as SparseCategoricalAccuracy
    from cornu.metrics.accuracies import binary_accuracy as binary_accuracy
    from cornu.metrics.accuracies import categorical_accuracy as categorical_accuracy
    from cornu.metrics.accuracies import sparse_categorical_accuracy as sparse_categorical_accuracy
    from cornu.metrics.area import AUC as AUC
    from cornu.metrics.correlations import ConcordanceCorrelation as ConcordanceCorrelation
    from cornu.metrics.correlations import PearsonCorrelation as PearsonCorrelation
    from cornu.metrics.correlations import concordance_correlation as concordance_correlation
    from cornu.metrics.correlations import pearson_correlation as pearson_correlation
    from cornu.metrics.counts import FalseNegatives as FalseNegatives
    from cornu.metrics.counts import FalsePositives as FalsePositives
    from cornu.metrics.counts import TrueNegatives as TrueNegatives
    from cornu.metrics.counts import TruePositives as TruePositives
    from cornu.metrics.determination import R2Score as R2Score
    from cornu.metrics.intersections import BinaryIoU as BinaryIoU
    from cornu.metrics.intersections import IoU as IoU
    from cornu.metrics.intersections import MeanIoU as MeanIoU
    from cornu.metrics.intersections import OneHotIoU as OneHotIoU
    from cornu.metrics.intersections import OneHotMeanIoU as OneHotMeanIoU
    from cornu.metrics.lookup import deserialize as deserialize
    from cornu.metrics.lookup import get as get
    from cornu.metrics.lookup import serialize as serialize
    from cornu.metrics.means_of_losses import BinaryCrossentropy as BinaryCrossentropy
    from cornu.metrics.means_of_losses import CategoricalCrossentropy as CategoricalCrossentropy
    from cornu.metrics.means_of_losses import CategoricalHinge as CategoricalHinge
    from cornu.metrics.means_of_losses import CosineSimilarity as CosineSimilarity
    from cornu.metrics.means_of_losses import Hinge as Hinge
    from cornu.metrics.means_of_losses import KLDivergence as KLDivergence
    from cornu.metrics.means_of_losses import LogCoshError as LogCoshError
    from cornu.metrics.means_of_losses import MeanAbsoluteError as MeanAbsoluteError
    from cornu.metrics.means_of_losses import (
        MeanAbsolutePercentageError as MeanAbsolutePercentageError,
    )
    from cornu.metrics.means_of_losses import MeanSquaredError as MeanSquaredError
    from cornu.metrics.means_of_losses import (
        MeanSquaredLogarithmicError as MeanSquaredLogarithmicError,
    )
    from cornu.metrics.means_of_losses import Poisson as Poisson
    from cornu.metrics.means_of_losses import RootMeanSquaredError as RootMeanSquaredError
    from cornu.metrics.means_of_losses import (
        SparseCategoricalCrossentropy as SparseCategoricalCrossentropy,
    )
    from cornu.metrics.means_of_losses import SquaredHinge as SquaredHinge
    from cornu.metrics.metric import Metric as Metric
    from cornu.metrics.precision_recall import Precision as Precision
    from cornu.metrics.precision_recall import Recall as Recall
    from cornu.metrics.reductions import Mean as Mean
    from cornu.metrics.reductions import MeanMetricWrapper as MeanMetricWrapper
    from cornu.metrics.reductions import Sum as Sum
    from cornu.metrics.scores import F1Score as F1Score
    from cornu.metrics.scores import FBetaScore as FBetaScore
    from cornu.metrics.top_classes import (
        SparseTopKCategoricalAccuracy as SparseTopKCategoricalAccuracy,
    )
    from cornu.metrics.top_classes import TopKCategoricalAccuracy as TopKCategoricalAccuracy
    from cornu.metrics.top_classes import (
        sparse_top_k_categorical_accuracy as sparse_top_k_categorical_accuracy,
    )
    from cornu.metrics.top_classes import top_k_categorical_accuracy as top_k_categorical_accuracy
    from cornu.metrics.tradeoffs import PrecisionAtRecall as PrecisionAtRecall
    from cornu.metrics.tradeoffs import RecallAtPrecision as RecallAtPrecision
    from cornu.metrics.tradeoffs import SensitivityAtSpecificity as SensitivityAtSpecificity
    from cornu.metrics.tradeoffs import SpecificityAtSensitivity as SpecificityAtSensitivity

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "accuracies": (
            "Accuracy BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy "
            "binary_accuracy categorical_accuracy sparse_categorical_accuracy"
        ),
        "area": "AUC",
        "correlations": (
            "ConcordanceCorrelation PearsonCorrelation concordance_correlation pearson_correlation"
        ),
        "counts": "FalseNegatives FalsePositives TrueNegatives TruePositives",
        "determination": "R2Score",
        "intersections": "BinaryIoU IoU MeanIoU OneHotIoU OneHotMeanIoU",
        "lookup": "deserialize get serialize",
        "means_of_losses": (
            "BinaryCrossentropy CategoricalCrossentropy CategoricalHinge CosineSimilarity Hinge "
            "KLDivergence LogCoshError MeanAbsoluteError MeanAbsolutePercentageError "
            "MeanSquaredError MeanSquaredLogarithmicError Poisson RootMeanSquaredError "
            "SparseCategoricalCrossentropy SquaredHinge"
        ),
        "metric": "Metric",
        "precision_recall": "Precision Recall",
        "reductions": "Mean MeanMetricWrapper Sum",
        "scores": "F1Score FBetaScore",
        "top_classes": (
            "SparseTopKCategoricalAccuracy TopKCategoricalAccuracy "
            "sparse_top_k_categorical_accuracy top_k_categorical_accuracy"
        ),
        "tradeoffs": (
            "PrecisionAtRecall RecallAtPrecision SensitivityAtSpecificity SpecificityAtSensitivity"
        ),
    },
    aliases={
        "binary_crossentropy": "cornu.losses.crossentropies:binary_crossentropy",
        "binary_focal_crossentropy": "cornu.losses.focal:binary_focal_crossentropy",
        "categorical_crossentropy": "cornu.losses.crossentropies:categorical_crossentropy",
        "categorical_focal_crossentropy": "cornu.losses.focal:categorical_focal_crossentropy",
        "categorical_hinge": "cornu.losses.hinges:categorical_hinge",
        "hinge": "cornu.losses.hinges:hinge",
        "huber": "cornu.losses.regression:huber",
        "kl_divergence": "cornu.losses.divergences:kl_divergence",
        "log_cosh": "cornu.losses.regression:log_cosh",
        "mean_absolute_error": "cornu.losses.regression:mean_absolute_error",
        "mean_absolute_percentage_error": "cornu.losses.regression:mean_absolute_percentage_error",
        "mean_squared_error": "cornu.losses.regression:mean_squared_error",
        "mean_squared_logarithmic_error": "cornu.losses.regression:mean_squared_logarithmic_error",
        "poisson": "cornu.losses.divergences:poisson",
        "sparse_categorical_crossentropy": (
            "cornu.losses.crossentropies:sparse_categorical_crossentropy"
        ),
        "squared_hinge": "cornu.losses.hinges:squared_hinge",
    },
)
