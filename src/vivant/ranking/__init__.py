"""The rating page: people look at pictures and say how good they are (Gen4Gen, section 4.4 and figure 12)."""
