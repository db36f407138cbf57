"""Attention layers.

`multi_head_attention.py` and `grouped_query_attention.py` project queries, keys and values and
mix per head; `attention.py` and `additive_attention.py` mix the given ones. `masks.py` joins what
says which places may be seen; `projections.py` makes the dense layers. Start at `attention.py`.
"""
