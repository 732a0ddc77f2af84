"""Pages that the bridge serves itself; nothing in them comes from elsewhere."""
