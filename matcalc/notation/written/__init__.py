"""A written derivation: its rows, what each defines, states or claims, and what the names in it mean."""
