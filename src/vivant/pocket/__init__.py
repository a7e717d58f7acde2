"""The recipe that trains the pocket family, and its weights."""
