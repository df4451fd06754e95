"""Spreadsheet tasks for a simulated agent: trace it, distil a skill from the traces, run it again."""
