"""The provider on 127.0.0.1."""

from tests.kit.provider import provider  # noqa: F401 - a fixture
