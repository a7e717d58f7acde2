"""Vivant puts your own subjects in one picture, doing what you say."""

__version__ = "0.1.0"
