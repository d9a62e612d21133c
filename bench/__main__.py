"""`python -m bench`: every benchmark, one after the other."""

from __future__ import annotations

from bench.build import main

if __name__ == "__main__":
    main()
