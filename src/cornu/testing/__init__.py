"""Checks for classes of your own: `check_layer` puts a layer through all that Keras promises.

What it checks stands in `layer_checks`, one function for each promise.
"""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.testing.layer_checks import check_layer as check_layer

__getattr__, __dir__, __all__ = attach(__name__, {"layer_checks": "check_layer"})
