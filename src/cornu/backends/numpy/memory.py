"""Memory that a step frees stays with the process for the next step.

The C library gives large blocks back to the system at once, and the system clears them page by
page when they are asked for again: a tenth of the time of a convolutional step on Linux. glibc
raises the limit from which it does so to the largest block that it has seen freed, up to 32 MB, so
that freeing one block, of which not a page was ever touched, is all it takes. Other systems don't
mind.
"""

from __future__ import annotations

import numpy as np

__all__ = ["keep_freed_memory"]

_MOST = (32 << 20) - (64 << 10)  # bytes; a larger block teaches nothing


class _Done:
    yes = False


def keep_freed_memory() -> None:
    """Let the C library keep blocks below 32 MB when they are freed."""
    if not _Done.yes:
        np.empty(_MOST, np.uint8)
        _Done.yes = True
