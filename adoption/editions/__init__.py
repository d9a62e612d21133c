"""Frozen editions of a year, and what changed between two of them."""
