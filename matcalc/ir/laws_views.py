"""Laws of views and outer products: of what moves entries without computing."""

from __future__ import annotations

from matcalc.core.dims import Dim
from matcalc.ir.array import Array, build, intern
from matcalc.ir.facts import is_symmetric
from matcalc.ir.law import Found, Row, loose, reversed_chain


# ── views ─────────────────────────────────────────────────────────────────────────────────────────────────
def _transpose(x: Array) -> Found:
    if x.rank < 2:
        return x
    if x.name == "transpose":
        return x.args[0]
    if x.name == "outer":
        return build("outer", x.args[1], x.args[0])
    if x.name == "column":
        return build("row", x.args[0])
    if x.name == "row":
        return build("column", x.args[0])
    if x.name in ("spread", "full"):
        inside = tuple(build("transpose", a) for a in x.args)
        return build(
            x.name, *inside, attrs=x.shape[::-1] if x.name == "spread" else (x.attrs[0], *x.shape[::-1])
        )
    return x if is_symmetric(x) else None


def _reshape(x: Array, *shape: Dim) -> Found:
    """Row by row; the order of a product is turned where its transpose is wanted."""
    if x.shape == shape:
        return x
    if x.name == "reshape":
        return build("reshape", x.args[0], attrs=shape)
    if x.name in ("row", "column"):
        return build("reshape", x.args[0], attrs=shape)
    if x.name == "transpose" and x.args[0].name == "chain":
        return build("reshape", reversed_chain(x.args[0]), attrs=shape)
    if x.name == "full":
        return intern("full", (), (x.attrs[0], *shape))
    return build("spread", x.args[0], attrs=shape) if x.name == "spread" and x.args[0].rank == 0 else None


def _of_diagonal_matrix(x: Array) -> Found:
    if x.name == "diag_matrix":
        return x.args[0]
    if x.name == "eye":
        return intern("full", (), (1, x.shape[0]))
    if x.name == "transpose":
        return build("diagonal", x.args[0])
    if x.name == "add_diagonal":
        return build("add", build("diagonal", x.args[0]), x.args[1])
    return build("multiply", *x.args) if x.name == "outer" else None


def _outer(u: Array, v: Array) -> Found:
    """u1ᵀ is u in every column: NumPy stretches it."""
    shape = (u.shape[0], v.shape[0])
    if (q := loose(v)) is not None:
        return build("spread", build("column", build("multiply", q, u)), attrs=shape)
    if (q := loose(u)) is not None:
        return build("spread", build("row", build("multiply", q, v)), attrs=shape)
    return None


ROWS: tuple[Row, ...] = (
    Row("transpose", "Xᵀᵀ = X, (uvᵀ)ᵀ = vuᵀ", _transpose),
    Row("reshape", "the shape once", _reshape),
    Row("outer", "u1ᵀ by stretching", _outer),
    Row("diagonal", "diag(Diag(v)) = v", _of_diagonal_matrix),
)
