"""Figures: how faithful, how fast, how much."""
