"""The sentences of a brief, each made of one row of `marts.rpt_brief`.

A row holds every number and verdict; here words are chosen for them, and what the row does not hold is left out. No
sentence knows another row. Numbers are worded by `adoption.reports.format`.
"""

from adoption.reports.sentences.lines import sentence, worded, write_sentences
from adoption.reports.sentences.words import Row

__all__ = ["Row", "sentence", "worded", "write_sentences"]
