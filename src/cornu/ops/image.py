"""Operations on images (`keras.ops.image`): the ops of `cornu.ops`."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.ops.colors import (
        hsv_to_rgb as hsv_to_rgb,
    )
    from cornu.ops.colors import (
        rgb_to_grayscale as rgb_to_grayscale,
    )
    from cornu.ops.colors import (
        rgb_to_hsv as rgb_to_hsv,
    )
    from cornu.ops.filtering import (
        extract_patches as extract_patches,
    )
    from cornu.ops.filtering import (
        extract_patches_3d as extract_patches_3d,
    )
    from cornu.ops.filtering import (
        gaussian_blur as gaussian_blur,
    )
    from cornu.ops.filtering import (
        sobel_edges as sobel_edges,
    )
    from cornu.ops.filtering import (
        ssim as ssim,
    )
    from cornu.ops.resizing import (
        crop_images as crop_images,
    )
    from cornu.ops.resizing import (
        pad_images as pad_images,
    )
    from cornu.ops.resizing import (
        resize as resize,
    )
    from cornu.ops.resizing import (
        scale_and_translate as scale_and_translate,
    )
    from cornu.ops.warping import (
        affine_transform as affine_transform,
    )
    from cornu.ops.warping import (
        map_coordinates as map_coordinates,
    )
    from cornu.ops.warping import (
        perspective_transform as perspective_transform,
    )

_FILES = {
    "colors": "hsv_to_rgb rgb_to_grayscale rgb_to_hsv",
    "filtering": "extract_patches extract_patches_3d gaussian_blur sobel_edges ssim",
    "resizing": "crop_images pad_images resize scale_and_translate",
    "warping": "affine_transform map_coordinates perspective_transform",
}

__getattr__, __dir__, __all__ = attach(
    __name__,
    {},
    {name: f"cornu.ops.{file}:{name}" for file, names in _FILES.items() for name in names.split()},
)
