"""Captions from the truth of the layout, or by a vision model."""
