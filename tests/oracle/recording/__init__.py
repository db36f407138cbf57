"""How real Keras is asked: one file per kind of record. Needs Keras 3.15.1 with JAX installed.

Only `tests/oracle/record.py` imports this package; tests read the recorded files by `read.py`.
"""

from tests.oracle.recording import real as real  # first of all: it chooses Keras' backend
