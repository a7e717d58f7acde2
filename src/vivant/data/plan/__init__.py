"""Who is in the picture, where, and in which boxes: by rules, or by a language model that the rules check."""
