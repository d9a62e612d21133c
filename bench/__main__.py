"""`python -m bench`: what builds and reports cost; the other benchmarks are modules of their own."""

from __future__ import annotations

from bench.build import main

if __name__ == "__main__":
    main()
