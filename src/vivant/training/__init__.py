"""Learning: losses, what is computed once, what a run continues from, and one flat recipe a method."""
