"""The laws of the array operations: which form of a computation is better, always.

`build` asks them in the order of the table. What is better only where an argument has no other use, and the
order of products, are the business of `matcalc.ir.choose`, which sees the whole program.
"""

from __future__ import annotations

from matcalc.ir import laws_entrywise, laws_products, laws_views
from matcalc.ir.array import LAWS
from matcalc.ir.law import Row, sign_through, signs_out

BILINEAR = ("multiply", "divide", "inner", "outer", "row_inner", "column_inner")
LINEAR = ("transpose", "column", "row", "reshape", "diagonal", "part", "take_row", "take_column", "slice",
          "item", "spread", "sum", "row_sums", "column_sums", "trace", "diag_matrix", "tril", "triu")

TABLE: tuple[Row, ...] = (
    *(Row(name, "a sign leaves products", signs_out(name)) for name in BILINEAR),
    *(Row(name, "a sign leaves linear operations", sign_through(name)) for name in LINEAR),
    *laws_entrywise.ROWS,
    *laws_views.ROWS,
    *laws_products.ROWS,
)
for _row in TABLE:
    LAWS.setdefault(_row.head, []).append(_row.better)
