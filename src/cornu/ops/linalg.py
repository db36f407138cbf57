"""Linear algebra (`keras.ops.linalg`): the ops of `cornu.ops`."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.ops.factorizations import (
        cholesky as cholesky,
    )
    from cornu.ops.factorizations import (
        cholesky_inverse as cholesky_inverse,
    )
    from cornu.ops.factorizations import (
        det as det,
    )
    from cornu.ops.factorizations import (
        eigh as eigh,
    )
    from cornu.ops.factorizations import (
        inv as inv,
    )
    from cornu.ops.factorizations import (
        lstsq as lstsq,
    )
    from cornu.ops.factorizations import (
        lu_factor as lu_factor,
    )
    from cornu.ops.factorizations import (
        matrix_rank as matrix_rank,
    )
    from cornu.ops.factorizations import (
        pinv as pinv,
    )
    from cornu.ops.factorizations import (
        qr as qr,
    )
    from cornu.ops.factorizations import (
        solve as solve,
    )
    from cornu.ops.factorizations import (
        solve_triangular as solve_triangular,
    )
    from cornu.ops.factorizations import (
        svd as svd,
    )
    from cornu.ops.forward_mode import jvp as jvp
    from cornu.ops.norms import norm as norm

_FILES = {
    "factorizations": """
        cholesky cholesky_inverse det eigh inv lstsq lu_factor matrix_rank pinv qr solve
        solve_triangular svd
    """,
    "forward_mode": "jvp",
    "norms": "norm",
}

__getattr__, __dir__, __all__ = attach(
    __name__,
    {},
    {name: f"cornu.ops.{file}:{name}" for file, names in _FILES.items() for name in names.split()},
)
