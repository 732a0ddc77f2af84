"""Redraft's bridge: from a host's pixels to a model and back as a layer."""

__version__ = "0.1.0"
