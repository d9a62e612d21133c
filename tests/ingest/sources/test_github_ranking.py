"""Snapshots of stars and forks: zero is a count, and missing is no zero."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ingest.sources.github_ranking import SnapshotRow

SNAPSHOT = {"snapshot_date": "2020-12-31", "repository": "tensorflow/tensorflow", "stars": "152029", "forks": "0"}


def test_zero_is_a_count() -> None:
    row = SnapshotRow.model_validate(SNAPSHOT)
    assert (row.stars, row.forks) == (152_029, 0)


@pytest.mark.parametrize("column", ["stars", "forks"])
@pytest.mark.parametrize("text", ["", "-1", "152k", "1.5"])
def test_what_is_no_count_is_refused(column: str, text: str) -> None:
    with pytest.raises(ValidationError, match=column):
        SnapshotRow.model_validate({**SNAPSHOT, column: text})
