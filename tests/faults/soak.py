"""How often a fault is repeated: the whole number with SOAK=1 (`make soak`), a tenth of it otherwise."""

from __future__ import annotations

import os


def times(whole: int) -> int:
    """The number of repetitions."""
    return whole if os.environ.get("SOAK") else max(1, whole // 10)
