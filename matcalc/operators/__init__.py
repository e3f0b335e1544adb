"""The catalogue of operators: one `define()` an operator, one file a family, no algorithm.

Importing this package fills and seals the table `matcalc.core.tree.OPS`.
"""

from matcalc.operators import elementwise, linear_algebra, norms, products, structure, sums, vectors

__all__ = ["elementwise", "linear_algebra", "norms", "products", "structure", "sums", "vectors"]
