"""The compiled core, built from `csrc/`: nothing but extension modules.

`cpu` says which instruction sets this machine has; `core_avx512`, `core_avx2` and `core_plain` are
the same core compiled for each of them. `cornu.backends.native.loader` loads the best.
"""
