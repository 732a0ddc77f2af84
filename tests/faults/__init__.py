"""The fault kit: kills the bridge, spoils its traffic, fills its disk, and counts the money."""
