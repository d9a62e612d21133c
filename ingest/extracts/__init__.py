"""Shipped extracts: figures reduced from public repositories, each file with a sidecar.

One folder per source. A sidecar (`<file>.fetch.json`) is a fetch event: scope, sha256, dates, licence, where the
figures come from (`derived_from`) and how they were reduced (`reduction`). `ingest.extracts.reduce` made them.
"""
