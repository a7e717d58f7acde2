"""Typed settings a command."""
