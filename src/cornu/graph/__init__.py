"""What every other room builds on: values, primitives, traces and their gradients.

`spec` and `dim` describe abstract values, `primitive` is the unit of computation and dispatch,
`array`, `tracer` and `kerastensor` are the three kinds of values a graph backend shows to users,
`trace` records primitives into a `Graph`, `autodiff` differentiates one, `rewrite` cleans it and
`effects` makes writes to state well defined inside all of that. Nothing here knows a backend.
Start reading at `primitive`.
"""
