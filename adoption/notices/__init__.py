"""Notices to people: a source or a run that failed, a check that blocks, an anomaly, what turned, a year that is whole.

Belongs here: which notices there are and in which words, that each is told once, and handing them to apprise. Out of
scope: when anything is looked at (`orchestration.notices`, `adoption.cli`), and finding what is wrong
(`adoption.reports.health`) or what changed (`adoption.editions.diff`).
"""

from adoption.notices.desk import Desk, findings, opened, told
from adoption.notices.notice import Notice

__all__ = ["Desk", "Notice", "findings", "opened", "told"]
