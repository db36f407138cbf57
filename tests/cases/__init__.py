"""One row per class of the Keras API, in files by kind.

A row says how an object is made and what it is called with; it knows no library: `make` receives
the module that plays Keras, real Keras when the oracle records and cornu when it is tested. So a
row drives the recorder (`tests/oracle`), the comparison with what was recorded, and `check_layer`.
Start reading in `case.py`; `every.py` has all rows in one tuple.
"""
