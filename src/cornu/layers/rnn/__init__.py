"""Recurrent layers.

`recurrent_layer.py` holds `RNN`, which runs any cell over time; `time_loop.py` is that loop. The
built-in cells derive from `recurrent_cell.py`: they say how inputs are projected, for all steps at
once, and what one step does with its projection and the states. `fixed_cell_layer.py` is the base
of the layers that come with such a cell. Start at `simple_rnn.py`.
"""
