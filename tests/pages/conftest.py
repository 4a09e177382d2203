"""The site with the decoder that it opens with, and without SmolLM2."""

from tests.opening import site, tiny_host, tiny_loaded

__all__ = ["site", "tiny_host", "tiny_loaded"]
