"""The torch backend: PyTorch tensors, its autograd and its devices.

Nothing of the library is imported here, so that error messages and `cornu doctor` can read what it
needs. `table` has one entry per primitive (gathered from the files by family), `tensors` converts
values, `fast` has whole ops that PyTorch does in one kernel. A step that is run often becomes a
`tape` of the kernels in a `recording` of it.
"""

REQUIRES, INSTALL = "torch", 'pip install "cornu[torch]"'

# Run by `cornu doctor --gpus` in a process of its own: prints devices besides processors.
DEVICES = """
import torch
for i in range(torch.cuda.device_count()):
    print("cuda", i, torch.cuda.get_device_name(i))
if torch.backends.mps.is_available():
    print("mps 0")
"""
