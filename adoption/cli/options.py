"""Types and options that commands of several modules share."""

from __future__ import annotations

from pathlib import Path

import click

FOLDER = click.Path(file_okay=False, resolve_path=True, path_type=Path)
YEAR = click.IntRange(1, 9998)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
