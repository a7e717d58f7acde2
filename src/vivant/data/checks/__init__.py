"""What repainting gets wrong, measured."""
