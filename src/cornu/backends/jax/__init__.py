"""The jax backend: `jax.Array` values, XLA compilation and JAX's own gradients.

Nothing of the library is imported here, so that error messages and `cornu doctor` can read what it
needs. `table` has one entry per primitive (gathered from the files by family), `tensors` converts
values, `compiled` makes pure functions of steps that read and write state.
"""

REQUIRES, INSTALL = "jax", 'pip install "cornu[jax]"'

# Run by `cornu doctor --gpus` in a process of its own: prints devices besides processors.
DEVICES = """
import jax
for d in jax.devices():
    if d.platform != "cpu":
        print(d.platform, d.id, d.device_kind)
"""
