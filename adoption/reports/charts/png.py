"""Pictures as bitmaps, for networks that take no SVG. The library comes with the extra `report`."""

from __future__ import annotations

from importlib.util import find_spec

MISSING = (
    "No PNG of the posts: it needs the extra `report` (`.venv/bin/pip install -e '.[report]'`), which is not "
    "installed here. The pictures are there as SVG."
)


def is_installed() -> bool:
    """Whether bitmaps can be made here."""
    return find_spec("vl_convert") is not None


def png(svg: str) -> bytes:
    """An SVG as a PNG of the same size."""
    import vl_convert

    return bytes(vl_convert.svg_to_png(svg))
