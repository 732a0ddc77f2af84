"""Redraft in GIMP: procedures, and a window that stays open beside the picture."""
