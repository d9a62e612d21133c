"""Clients of publishers: HTTP, git, ClickHouse, GitHub."""
