"""Block matrices that conform are multiplied out, added and compared block by block; Schur complements.

Source: Horn & Johnson, Matrix Analysis (2013), section 0.7 and 0.8.5.
"""

from __future__ import annotations

from matcalc.core.algebra import CHAIN, EYE, ZEROS, add, mul, scale, sub, terms_of
from matcalc.core.tree import Expr, make

MAX_GRID = 12


def grid(e: Expr) -> list[list[Expr]]:
    """The rows of blocks of a block matrix."""
    rows, cols = e.attrs
    return [list(e.args[i * cols : (i + 1) * cols]) for i in range(rows)]


def from_grid(rows: list[list[Expr]]) -> Expr:
    """The block matrix with these rows of blocks."""
    return make("block", *(b for row in rows for b in row), rows=len(rows), cols=len(rows[0]))


def _conform(a: Expr, b: Expr) -> bool:
    left, right = grid(a), grid(b)
    return len(left[0]) == len(right) and all(
        x.shape[1] is row[0].shape[0] for x, row in zip(left[0], right, strict=True)
    )


def product(e: Expr) -> Expr | None:
    """[A, B; C, D][P; Q] = [AP + BQ; CP + DQ] for neighbours in a chain whose blocks conform."""
    for i in range(len(e.args) - 1):
        a, b = e.args[i], e.args[i + 1]
        if a.op.name == "block" and b.op.name == "block" and _conform(a, b):
            left, right = grid(a), grid(b)
            out = [
                [add(*(mul(left[r][k], right[k][c]) for k in range(len(right)))) for c in range(len(right[0]))]
                for r in range(len(left))
            ]
            return mul(*e.args[:i], from_grid(out), *e.args[i + 2 :])
    return None


def _stacked(t: Expr) -> Expr:
    """[A; B]X as [AX; BX]."""
    if t.op is CHAIN and t.args[0].op.name == "block" and t.args[0].attrs[1] == 1:
        return from_grid([[mul(b, *t.args[1:])] for b in t.args[0].args])
    return t


def total(e: Expr) -> Expr | None:
    """A sum in which two or more terms are block matrices of the same grid."""
    groups: dict[tuple[object, ...], list[tuple[object, Expr]]] = {}
    terms = [(c, _stacked(t)) for c, t in terms_of(e)]
    for c, t in terms:
        if t.op.name == "block":
            groups.setdefault((t.attrs, tuple(b.shape for b in t.args)), []).append((c, t))
    for group in groups.values():
        if len(group) > 1:
            args = [add(*(scale(c, t.args[i]) for c, t in group)) for i in range(len(group[0][1].args))]  # type: ignore[arg-type]
            rows, cols = group[0][1].attrs
            merged = make("block", *args, rows=rows, cols=cols)
            rest = [scale(c, t) for c, t in terms if all(t is not u for _, u in group)]
            return add(merged, *rest)
    return None


def frobenius(e: Expr) -> Expr | None:
    """block : block is the sum over the blocks."""
    a, b = e.args
    if (
        a.op.name == b.op.name == "block"
        and a.attrs == b.attrs
        and all(x.shape == y.shape for x, y in zip(a.args, b.args, strict=True))
    ):
        return add(*(make("frob", x, y) for x, y in zip(a.args, b.args, strict=True)))
    return None


def trace(e: Expr) -> Expr | None:
    """The trace of a square grid with square diagonal blocks."""
    b = e.args[0]
    if b.op.name == "block" and b.attrs[0] == b.attrs[1]:
        diagonal = [row[i] for i, row in enumerate(grid(b))]
        if all(x.shape[0] is x.shape[1] for x in diagonal):
            return add(*(make("tr", x) for x in diagonal))
    return None


def kronecker(e: Expr) -> Expr | None:
    """A⊗X for a block matrix of numbers or a small identity A, written in blocks."""
    A, X = e.args
    if A.op.name == "block" and all(b.is_scalar for b in A.args):
        return make("block", *(mul(b, X) for b in A.args), rows=A.attrs[0], cols=A.attrs[1])
    if A.op is EYE and A.shape[0].is_number and int(A.shape[0]) <= MAX_GRID:
        n = int(A.shape[0])
        return from_grid([[X if i == j else scale(0, X) for j in range(n)] for i in range(n)])
    return None


def _schur(e: Expr) -> tuple[Expr, Expr] | None:
    b = e.args[0]
    if b.op.name != "block" or b.attrs != (2, 2):
        return None
    A, B, C, D = b.args
    if A.shape[0] is not A.shape[1]:
        return None
    if B.op is ZEROS or C.op is ZEROS:
        return A, D
    return A, sub(D, mul(C, make("inv", A), B))


def schur_logdet(e: Expr) -> Expr | None:
    """logdet[A, B; C, D] = logdet A + logdet(D − CA⁻¹B) for nonsingular A."""
    pair = _schur(e)
    return None if pair is None else add(make("logdet", pair[0]), make("logdet", pair[1]))


def schur_det(e: Expr) -> Expr | None:
    """det[A, B; C, D] = det A det(D − CA⁻¹B) for nonsingular A."""
    pair = _schur(e)
    return None if pair is None else mul(make("det", pair[0]), make("det", pair[1]))


READ = {
    "chain": (("block/product", product),),
    "lin": (("block/sum", total),),
    "frob": (("block/frobenius", frobenius),),
    "tr": (("block/trace", trace),),
    "kron": (("block/kronecker", kronecker),),
    "logdet": (("block/schur-logdet", schur_logdet),),
    "det": (("block/schur-det", schur_det),),
}
