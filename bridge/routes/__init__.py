"""What the bridge can be asked, one file for each noun. What is done about it lives elsewhere."""
