"""Films: planned, asked for, placed on the canvas, looped, written, through a real bridge."""
