"""Names in the asset graph.

Belongs here: the one function that makes asset keys, and what every asset shares (owner).
Does not belong here: any asset.
"""

from __future__ import annotations

from typing import Literal, get_args

import dagster as dg

Layer = Literal[
    "heavy", "extracts", "raw", "staging", "intermediate", "detection", "projection", "marts", "published", "reports"
]
LAYERS: tuple[Layer, ...] = get_args(Layer)
OWNERS = ["team:data-platform"]


def asset_key(layer: Layer, name: str) -> dg.AssetKey:
    """The key `[layer, name]` of an asset, the same in every file of this room."""
    return dg.AssetKey([layer, name])
