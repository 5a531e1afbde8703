"""Judging: checks, the walk through the stages, causes."""
