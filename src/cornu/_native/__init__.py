"""The compiled core, built from `csrc/`: nothing but extension modules.

`cpu` says which instruction sets this machine has; `core_avx512`, `core_avx2` and `core_plain` are
the same core compiled for each of them. `cornu.backends.native.loader` loads the best.

CORNU_CORE_PATH names a folder with another build of them, for those who work on the core.
"""

import os

_other = os.environ.get("CORNU_CORE_PATH")
if _other:
    __path__.insert(0, _other)
