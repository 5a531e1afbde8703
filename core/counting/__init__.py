"""Counting: the log of sends, usage, quotas, limits."""
