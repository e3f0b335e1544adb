"""Laws of sums of entries, inner products, chains and inverses."""

from __future__ import annotations

from collections.abc import Hashable
from functools import reduce

from matcalc.core.dims import Dim
from matcalc.ir.array import Array, Law, build, intern, number
from matcalc.ir.facts import is_semidefinite
from matcalc.ir.law import Found, Row, diagonal_matrix, loose, reversed_chain


# ── sums of entries and inner products ────────────────────────────────────────────────────────────────────
def _sum(x: Array) -> Found:
    if x.rank == 0:
        return x
    if x.name == "transpose":
        return build("sum", x.args[0])
    if x.name == "multiply" and x.args[0].shape == x.args[1].shape:
        return build("inner", *x.args)
    if x.name == "multiply" and x.args[0].rank == 0:
        return build("multiply", x.args[0], build("sum", x.args[1]))
    if x.name == "power" and x.attrs[0] == 2:
        return build("inner", x.args[0], x.args[0])
    if x.name == "outer":
        return build("multiply", build("sum", x.args[0]), build("sum", x.args[1]))
    if x.name == "chain":
        rest = _rest(x)
        right = rest if rest.rank == 1 else build("row_sums", rest)
        return build("inner", build("column_sums", x.args[0]), right) if x.args[0].rank == 2 else None
    return build("sum", x.args[0]) if x.name == "diag_matrix" else None


def _rest(x: Array) -> Array:
    return build("chain", *x.args[1:]) if len(x.args) > 2 else x.args[1]


def _row_sums(x: Array) -> Found:
    if x.name == "transpose":
        return build("column_sums", x.args[0])
    if x.name == "outer":
        return build("multiply", x.args[0], build("sum", x.args[1]))
    if x.name == "multiply" and x.args[0].shape == x.args[1].shape:
        return build("row_inner", *x.args)
    if x.name == "power" and x.attrs[0] == 2:
        return build("row_inner", x.args[0], x.args[0])
    if x.name == "chain":
        return build("chain", *x.args[:-1], build("row_sums", x.args[-1]))
    return x.args[0] if x.name == "diag_matrix" else None


def _column_sums(x: Array) -> Found:
    if x.name == "multiply" and x.args[0].shape == x.args[1].shape:
        return build("column_inner", *x.args)
    if x.name == "power" and x.attrs[0] == 2:
        return build("column_inner", x.args[0], x.args[0])
    if x.name in ("transpose", "outer", "diag_matrix", "chain"):
        return build("row_sums", build("transpose", x) if x.name != "chain" else reversed_chain(x))
    return None


def _inner(x: Array, y: Array) -> Found:
    if x.rank == 0:
        return build("multiply", x, y)
    for a, b in ((x, y), (y, x)):
        if b.name == "diag_matrix":
            return build("inner", build("diagonal", a), b.args[0])
        if b.name == "eye":
            return build("trace", a)
        if b.name == "full" and b.attrs[0] == 1:
            return build("sum", a)
        if b.name == "multiply" and b.args[0].rank == 0:
            return build("multiply", b.args[0], build("inner", a, b.args[1]))
        if b.name == "outer":
            return build("inner", b.args[0], build("chain", a, b.args[1]))
        if b.name == "kron":
            return _inner_kron(a, *b.args)
        if b.name == "transpose" and b.args[0].name == "chain":
            return build("inner", a, reversed_chain(b.args[0]))
    if x.name == y.name == "transpose":
        return build("inner", x.args[0], y.args[0])
    return None


def _inner_kron(c: Array, a: Array, b: Array) -> Array:
    """C:(A⊗B) contracts C with the factor that is no variable: the gradient needs that contraction too."""
    if a.name == "eye":
        return build("inner", build("kron_right", a, c, attrs=b.shape), b)
    return build("inner", a, build("kron_left", b, c, attrs=a.shape))


def _inner_by(name: str, other: str) -> Law:
    """Row by row or column by column; with an outer product it is a product with a vector."""
    def law(x: Array, y: Array) -> Found:
        if x.name == y.name == "transpose":
            return build(other, x.args[0], y.args[0])
        for a, b in ((x, y), (y, x)):
            if b.name == "outer":
                u, v = b.args if name == "row_inner" else b.args[::-1]
                return build(
                    "multiply", u, build("chain", a if name == "row_inner" else build("transpose", a), v)
                )
        return None
    return law


def _in_order(x: Array, y: Array) -> Found:
    """x·y and y·x are one array."""
    return intern("inner", (y, x)) if _key(y) < _key(x) else None


def _key(x: Array, depth: int = 3) -> tuple[object, ...]:
    """A sort key that depends on the structure only."""
    if x.name == "input":
        return (0, str(x.attrs[0]))
    return (1, x.name, len(x.args), str(x.attrs), *(_key(a, depth - 1) for a in x.args if depth))


def _trace(x: Array) -> Found:
    if x.name in ("transpose", "diag_matrix"):
        return build("trace", x.args[0]) if x.name == "transpose" else build("sum", x.args[0])
    if x.name == "multiply" and x.args[0].rank == 0:
        return build("multiply", x.args[0], build("trace", x.args[1]))
    if x.name == "chain" and len(x.args) == 2 and build("transpose", x.args[0]) is x.args[1]:
        return build("inner", x.args[1], x.args[1])
    if x.name == "add_diagonal" and x.args[1].rank == 1:
        return build("add", build("trace", x.args[0]), build("sum", x.args[1]))
    return build("inner", *x.args) if x.name == "outer" else None


# ── contractions of Kronecker products ────────────────────────────────────────────────────────────────────
def _kron_right(a: Array, c: Array, m: Dim, n: Dim) -> Found:
    return build("block_trace", c, attrs=(a.shape[0], m, n)) if a.name == "eye" else None


def _kron_left(b: Array, c: Array, m: Dim, n: Dim) -> Found:
    return build("inner_blocks_trace", c, attrs=(b.shape[0], m, n)) if b.name == "eye" else None


# ── products of several factors ───────────────────────────────────────────────────────────────────────────
def _chain(*factors: Array) -> Found:
    if len(factors) == 1:
        return factors[0]
    out: list[Array] = []
    for f in factors:
        out += f.args if f.name == "chain" and f.rank == 2 else (f,)
    kept = [f for i, f in enumerate(out) if f.name != "eye"]
    if len(kept) != len(factors):
        return build("chain", *kept) if kept else out[0]
    return _pull_scalars(factors)


def _pull_scalars(factors: tuple[Array, ...]) -> Found:
    for i, f in enumerate(factors):
        rest = factors[:i], factors[i + 1:]
        if f.name == "multiply" and f.args[0].rank == 0:
            return build("multiply", f.args[0], build("chain", *rest[0], f.args[1], *rest[1]))
        if f.name == "negate":
            return build("negate", build("chain", *rest[0], f.args[0], *rest[1]))
        if f.name == "outer":
            left = build("chain", *rest[0], f.args[0])
            right = build("chain", f.args[1], *rest[1])
            return build("outer" if left.rank and right.rank else "multiply", left, right)
        if f.name == "diag_matrix" and (s := loose(f.args[0])) is not None:
            return build("multiply", s, build("chain", *rest[0], *rest[1]))
    return None


def _inverse(x: Array) -> Found:
    if x.name == "inv":
        return x.args[0]
    if x.name == "transpose":
        return build("transpose", build("inv", x.args[0]))
    if x.name == "diag_matrix":
        return diagonal_matrix(build("divide", number(1), x.args[0]), x.shape[0])
    if x.name == "kron":
        return build("kron", *(build("inv", a) for a in x.args))
    return None


def _adjugate(x: Array, y: Array) -> Found:
    """det(X) X⁻¹, perhaps inside a product, which is there also where X has no inverse."""
    for s, b in ((x, y), (y, x)):
        factors = b.args if b.name == "chain" else (b,)
        for i, f in enumerate(factors if s.rank == 0 else ()):
            inside = f.args[0] if f.name == "transpose" else f
            if inside.name != "inv" or is_semidefinite(inside.args[0]):
                continue
            det = build("det", inside.args[0])
            rest = _without(s, det)
            if rest is not None:
                adj = intern("adjugate", (inside.args[0], det))
                f = build("transpose", adj) if inside is not f else adj
                return build("multiply", rest, build("chain", *factors[:i], f, *factors[i + 1 :]))
    return None


def _without(s: Array, factor: Array) -> Found:
    """The scalar without one of its factors; None where it is no product of it."""
    if s is factor:
        return number(1)
    if s.name == "power" and s.args[0] is factor and s.attrs[0] > 1:  # type: ignore[operator]
        return build("power", factor, attrs=(s.attrs[0] - 1,))  # type: ignore[operator]
    if s.name == "det" and s.args[0].name == "chain" and {f.shape for f in s.args[0].args} == {factor.args[0].shape}:
        dets = [build("det", f.args[0] if f.name == "transpose" else f) for f in s.args[0].args]  # det AB = det A det B
        return _without(reduce(lambda a, b: build("multiply", a, b), dets), factor)
    if s.name in ("multiply", "divide", "negate"):
        for i, a in enumerate(s.args if s.name != "divide" else s.args[:1]):
            rest = _without(a, factor)
            if rest is not None:
                return build(s.name, *s.args[:i], rest, *s.args[i + 1 :])
    return None


def _log(x: Array, name: str, *parameters: Hashable) -> Found:
    if name == "log" and x.name == "det":
        return build("log_of_det", x.args[0])
    if name == "log" and x.name == "softmax":
        return build("log_softmax", x.args[0], attrs=x.attrs)
    return None


ROWS: tuple[Row, ...] = (
    Row("sum", "sum(A∘B) = A:B", _sum),
    Row("row_sums", "(A∘B)1 by rows, (AB)1 = A(B1)", _row_sums),
    Row("column_sums", "the same by columns", _column_sums),
    Row("inner", "A:Diag(v), A:I, A:uvᵀ, C:(A⊗B) without the second matrix", _inner),
    Row("inner", "one order of the two", _in_order),
    Row("row_inner", "of transposes, of an outer product", _inner_by("row_inner", "column_inner")),
    Row("column_inner", "of transposes, of an outer product", _inner_by("column_inner", "row_inner")),
    Row("trace", "of a transpose, of a diagonal", _trace),
    Row("kron_right", "I⊗: the sum of the diagonal blocks", _kron_right),
    Row("kron_left", "⊗I: the traces of the blocks", _kron_left),
    Row("chain", "one chain, scalars and outer products out", _chain),
    Row("multiply", "det(X) X⁻¹ is the adjugate", _adjugate),
    Row("inv", "inverse of a transpose, of Diag, of ⊗", _inverse),
    Row("map", "log det without det, log softmax without softmax", _log),
)
