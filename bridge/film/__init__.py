"""From a finished still to a film and back onto the canvas."""
