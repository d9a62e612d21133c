"""Counting a raw download log where it lies, and landing the months that come of it.

`engines` runs the heavy models on DuckDB or on Spark; `counting` decides which months, checks what came, and lands it.
"""
