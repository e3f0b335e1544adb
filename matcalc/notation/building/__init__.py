"""The surface tree to an expression: shapes by unification, then one rule a kind of node."""
