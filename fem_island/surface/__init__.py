"""What reacts where on the bottom of the cell, and by which law."""
