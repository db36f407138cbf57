"""Data sets to try things on (`keras.datasets`). `digits` is part of cornu."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.datasets import boston_housing as boston_housing
    from cornu.datasets import california_housing as california_housing
    from cornu.datasets import cifar10 as cifar10
    from cornu.datasets import cifar100 as cifar100
    from cornu.datasets import digits as digits
    from cornu.datasets import fashion_mnist as fashion_mnist
    from cornu.datasets import imdb as imdb
    from cornu.datasets import mnist as mnist
    from cornu.datasets import reuters as reuters

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "": "boston_housing california_housing cifar10 cifar100 digits fashion_mnist imdb "
        "mnist reuters",
    },
)
