"""Connections of this project print nothing by themselves."""

from __future__ import annotations

from pathlib import Path

from ingest.database import connect

BAR = "select current_setting('enable_progress_bar')"


def test_a_connection_draws_no_bar_on_the_output(tmp_path: Path) -> None:
    with connect(tmp_path / "a.duckdb") as connection:
        connection.execute("create table t as select 1 as one")
        assert connection.execute(BAR).fetchall() == [(False,)]
        assert connection.cursor().execute(BAR).fetchall() == [(False,)]
    with connect(tmp_path / "a.duckdb", read_only=True) as connection:
        assert connection.execute(BAR).fetchall() == [(False,)]
        assert connection.execute("from t").fetchall() == [(1,)]
