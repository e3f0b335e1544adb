"""How the catalogue operators are printed that are not `name(arguments)`: one rule each.

Contractions that have no symbol of their own are written as indexed sums, which the reader knows.
"""
