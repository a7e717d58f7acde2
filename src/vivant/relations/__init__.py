"""Relations: triplets read, checked and written."""
