"""Stack Overflow's developer survey: how many respondents named each technology.

Belongs here: the raw tables. `options` holds counts of single options; `unions` holds what a published figure says
about respondents who chose at least one of several, as bounds with their evidence. Combining is dbt's work.
"""

from __future__ import annotations

from typing import Literal

from ingest.model import Count, PastYear, RawRow, Text, TextList
from ingest.parsing import csv_source


class OptionRow(RawRow):
    """Respondents who named one option, of those who answered the question and of all."""

    edition: PastYear
    option_label: Text
    respondents: Count
    answering: Count
    all_respondents: Count
    evidence: Text


class UnionRow(RawRow):
    """Bounds on the respondents who named at least one of the options; `narrowed_by` is how the bounds were had."""

    edition: PastYear
    option_labels: TextList
    respondents_low: Count
    respondents_high: Count
    answering: Count
    narrowed_by: Literal["decoded", "printed_label"]
    evidence: Text


SOURCE = csv_source("stackoverflow_survey", options=OptionRow, unions=UnionRow)
