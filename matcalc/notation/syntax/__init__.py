"""Tokens to the surface tree: the parser over the saved table of the grammar."""
