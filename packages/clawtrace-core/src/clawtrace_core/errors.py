"""Every error ClawTrace raises on purpose. One base, so one `except` is enough.

A message names the file, the line or field, what was found, what was expected and what to do.
"""


class ClawTraceError(Exception):
    """The base of every error this project raises on purpose."""


class StoreError(ClawTraceError):
    """A store is missing, unreadable or not writable, or a session is not in it."""


class SessionInvalid(ClawTraceError):
    """A session file cannot be read as a session at all (single bad lines are problems, not errors)."""


class SchemaTooNew(ClawTraceError):
    """A file was written by a newer major version than this one reads."""


class SettingsInvalid(ClawTraceError):
    """A setting, an option or an override file holds a value that cannot be used."""


class CardInvalid(ClawTraceError):
    """A TraceCard file does not hold a TraceCard."""


class SkillInvalid(ClawTraceError):
    """A skill directory, or its SKILL.md, is missing or does not follow the format."""
