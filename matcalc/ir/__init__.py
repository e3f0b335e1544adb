"""Array programs: a shared, hash-consed DAG of array operations, its interpreter, its laws and its rewriting.

The level is arrays, no lower: what runs them is NumPy or a library of its kind. Arrays are matrices, vectors
(of one axis) and scalars (of none).
"""

from matcalc.ir import laws
from matcalc.ir.array import Array, build, number, walk
from matcalc.ir.program import Program

__all__ = ["Array", "Program", "build", "laws", "number", "walk"]
