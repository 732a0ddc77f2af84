"""The answer becomes a patch: put back exactly where it belongs, and shown where it may be."""

from bridge.compose.compose import compose
from bridge.compose.tiles import Tile, compose_tiles
from bridge.compose.values import Edge, Offer, Patch, Piece, Report

__all__ = ["Edge", "Offer", "Patch", "Piece", "Report", "Tile", "compose", "compose_tiles"]
