"""ClawTrace for CrewAI. Reserved: the adapter is not there yet."""

__all__: list[str] = []
