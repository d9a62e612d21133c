"""Bench: ratios and scores, each measured in one run and printed with its command. No test lives here."""
