"""Findings of waste, one kind per file."""
