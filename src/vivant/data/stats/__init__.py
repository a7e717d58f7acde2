"""Statistics of a data set: numbers, a table for the terminal, a page with pictures."""
