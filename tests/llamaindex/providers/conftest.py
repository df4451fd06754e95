"""The provider on 127.0.0.1."""

from tests.kit.provider import provider

__all__ = ["provider"]
