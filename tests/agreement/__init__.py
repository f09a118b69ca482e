"""Engine and oracle side by side: the rules as the product judges them, and as they read from the text alone."""
