"""Writing the published file, whole or not at all, and reading it."""
