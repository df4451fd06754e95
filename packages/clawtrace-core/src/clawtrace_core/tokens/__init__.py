"""Counting tokens where the provider did not: exactly where that can be done offline, else by an honest estimate."""

from clawtrace_core.tokens.counter import Count, Counter

__all__ = ["Count", "Counter"]
