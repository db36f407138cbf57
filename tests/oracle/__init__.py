"""What real Keras 3.15.1 answers, recorded: the oracle of the tests.

`read.py` reads it (that is what tests import), `record.py` records it anew, `README.md` says what
is recorded and how.
"""
