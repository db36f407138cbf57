"""Well-known networks (`keras.applications`): one file per family."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.applications import convnext as convnext
    from cornu.applications import densenet as densenet
    from cornu.applications import efficientnet as efficientnet
    from cornu.applications import efficientnet_v2 as efficientnet_v2
    from cornu.applications import imagenet_utils as imagenet_utils
    from cornu.applications import inception_resnet_v2 as inception_resnet_v2
    from cornu.applications import inception_v3 as inception_v3
    from cornu.applications import mobilenet as mobilenet
    from cornu.applications import mobilenet_v2 as mobilenet_v2
    from cornu.applications import mobilenet_v3 as mobilenet_v3
    from cornu.applications import nasnet as nasnet
    from cornu.applications import resnet as resnet
    from cornu.applications import resnet50 as resnet50
    from cornu.applications import resnet_v2 as resnet_v2
    from cornu.applications import vgg16 as vgg16
    from cornu.applications import vgg19 as vgg19
    from cornu.applications import xception as xception

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "": "convnext densenet efficientnet efficientnet_v2 imagenet_utils "
        "inception_resnet_v2 inception_v3 mobilenet mobilenet_v2 mobilenet_v3 nasnet "
        "resnet resnet50 resnet_v2 vgg16 vgg19 xception",
    },
)
