"""The export of another field: the descriptor and the datasheet know no field of their own.

Belongs here: what the export says of that field. Does not belong here: the form of an export (tests/adoption).
"""

from __future__ import annotations

from pathlib import Path

import frictionless
import pytest

from adoption.export.writer import export
from adoption.settings import Settings

pytestmark = pytest.mark.slow


def test_another_field_exports_too(other_field: Settings, tmp_path: Path) -> None:
    export(other_field, tmp_path / "export")

    assert frictionless.validate(str(tmp_path / "export" / "datapackage.json")).valid
    text = (tmp_path / "export" / "datasheet.md").read_text(encoding="utf-8")
    assert "| contender | contender |" in text
    assert "quill" in text.lower()
    assert "torch" not in text.lower()
