"""The error of a recorder that refuses."""


class OracleError(RuntimeError):
    """The library at hand can't play the oracle, or rows can't be recorded with it."""
