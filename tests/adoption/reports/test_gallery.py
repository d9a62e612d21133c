"""Pictures of a report are drawn once, and again only when what they show or the code that draws them changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adoption.reports import charts
from adoption.reports.charts import Panel, Point
from adoption.reports.page.gallery import Gallery
from adoption.warehouse.cache import Kept

if not charts.are_installed():
    pytest.skip("the extra `report` is not installed", allow_module_level=True)


def panel(value: float) -> Panel:
    return Panel("Tools", "pieces", [Point("anvils", date(2020, month, 1), value * month) for month in (1, 2, 3)])


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was drawn, not found."""
    made: list[object] = []
    picture = charts.picture

    def listening(draw: object, parts: object, **how: object) -> str:
        made.append((parts, how))
        return picture(draw, parts, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(charts, "picture", listening)
    return made


def test_a_picture_is_drawn_once(tmp_path: Path, drawn: list[object]) -> None:
    first = Gallery(Kept(tmp_path), "report").svg("tools", charts.lines, [panel(1.0)], width=200)
    again = Gallery(Kept(tmp_path), "report").svg("tools", charts.lines, [panel(1.0)], width=200)

    assert (first, len(drawn)) == (again, 1)
    assert first.startswith("<svg")


def test_other_rows_another_size_and_other_code_draw_again(
    tmp_path: Path, drawn: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery = Gallery(Kept(tmp_path), "report")
    pictures = {
        gallery.svg("tools", charts.lines, [panel(1.0)], width=200),
        gallery.svg("tools", charts.lines, [panel(-2.0)], width=200),
        gallery.svg("tools", charts.lines, [panel(-2.0)], width=300),
    }
    assert (len(pictures), len(drawn)) == (3, 3)

    monkeypatch.setattr(charts, "code", lambda: "other code")
    gallery.svg("tools", charts.lines, [panel(-2.0)], width=300)
    assert len(drawn) == 4


def test_a_picture_without_validation_is_the_validated_one() -> None:
    assert charts.picture(charts.lines, [panel(1.0)]) == charts.svg(charts.lines([panel(1.0)]))


def test_pixels_are_kept_by_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gallery = Gallery(Kept(tmp_path), "report")
    svg = charts.picture(charts.lines, [panel(1.0)])
    png = gallery.png("tools", svg)
    assert png.startswith(b"\x89PNG")

    monkeypatch.setattr("vl_convert.svg_to_png", None)
    assert gallery.png("tools", svg) == png
