"""What `fit`, `evaluate` and `predict` read: arrays, generators, data sets, loaders.

`make_source` looks at what the user passed and picks one of two kinds of `Source`: `ArraySource`,
whose samples have an index, or a stream of ready batches. Everything a backend may not be able to
read (frames, sparse matrices, foreign tensors, float64) is turned into plain NumPy arrays here,
one batch at a time. Start reading at `source.py`; `columns.py` and `cast.py` have the rules for
one array.
"""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.training.data.arrays import ArraySource as ArraySource
    from cornu.training.data.class_weight import class_weights_of as class_weights_of
    from cornu.training.data.make import make_source as make_source
    from cornu.training.data.pack import pack_x_y_sample_weight as pack_x_y_sample_weight
    from cornu.training.data.pack import unpack_x_y_sample_weight as unpack_x_y_sample_weight
    from cornu.training.data.py_dataset import PyDataset as PyDataset
    from cornu.training.data.py_dataset import PyDatasetSource as PyDatasetSource
    from cornu.training.data.source import Batch as Batch
    from cornu.training.data.source import Source as Source
    from cornu.training.data.split import split_validation as split_validation
    from cornu.training.data.stream import StreamSource as StreamSource

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "arrays": "ArraySource",
        "class_weight": "class_weights_of",
        "make": "make_source",
        "pack": "pack_x_y_sample_weight unpack_x_y_sample_weight",
        "py_dataset": "PyDataset PyDatasetSource",
        "source": "Batch Source",
        "split": "split_validation",
        "stream": "StreamSource",
    },
)
