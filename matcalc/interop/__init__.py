"""Doors to other systems: SymPy's matrix expressions, in and out."""
