"""The site: an explorer, a page a year and pair, JSON, CSV, badges and a feed, as files that any host can serve."""
