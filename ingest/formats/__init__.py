"""Formats of what publishers answer and people drop."""
