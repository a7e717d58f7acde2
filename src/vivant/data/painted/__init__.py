"""Backgrounds that ship with the project: painted by it, at any size, never twice the same."""

from vivant.data.painted.scenes import paint, painted_backgrounds

__all__ = ["paint", "painted_backgrounds"]
