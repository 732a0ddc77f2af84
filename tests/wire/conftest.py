"""The same server as the engines' own tests have."""

from tests.engines.conftest import theatre

__all__ = ["theatre"]
