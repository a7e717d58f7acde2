"""Benchmarks: from subjects and prompts to a manifest of cases."""
