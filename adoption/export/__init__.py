"""The published tables as files that other tools read, and what describes them."""
