"""Examples of ClawTrace; each runs offline and in the tests."""
