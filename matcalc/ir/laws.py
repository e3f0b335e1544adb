"""The laws of the array operations: which form of a computation is better, always.

Each law is a row of `TABLE`: the operation at its head, its name, the function that gives the better form or
None. `build` asks them in this order. Laws that are better only where an argument is used once, and the order
of products, are the business of `matcalc.ir.choose`, which sees the whole program.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction

from matcalc.core.dims import Dim
from matcalc.ir.array import LAWS, Array, Law, build, intern, number, value_of
from matcalc.ir.facts import is_symmetric
from matcalc.ir.operations import broadcast

Found = Array | None


@dataclass(frozen=True, slots=True)
class Row:
    """A law: at `head`, `better` gives the better form or None."""

    head: str
    name: str
    better: Law


def _arg(x: Array, name: str) -> Found:
    return x.args[0] if x.name == name else None


# ── numbers and scalings ──────────────────────────────────────────────────────────────────────────────────
def _multiply_numbers(x: Array, y: Array) -> Found:
    for a, b in ((x, y), (y, x)):
        q = value_of(a)
        if q is None:
            continue
        if q == 1:
            return b
        if q == -1:
            return build("negate", b)
        k = value_of(b)
        if k is not None:
            return number(q * k)
        if b.name == "multiply" and (k := value_of(b.args[0])) is not None:
            return build("multiply", number(q * k), b.args[1])
        if b.name == "negate":
            return build("multiply", number(-q), b.args[0])
        if abs(q) < 1 and Fraction(q).numerator in (1, -1) and Fraction(q).denominator & (Fraction(q).denominator - 1):
            return build("divide", b if q > 0 else build("negate", b), number(1 / Fraction(q) * (1 if q > 0 else -1)))
        return intern("multiply", (a, b)) if a is not x else None
    return None


def _scale_inside(x: Array, y: Array) -> Found:
    """A scalar moves to the smaller factor: s(u vᵀ) = (s u)vᵀ; s I stays a diagonal."""
    for s, b in ((x, y), (y, x)):
        if s.rank == 0 and b.rank == 2:
            if b.name == "outer":
                return build("outer", build("multiply", s, b.args[0]), b.args[1])
            if b.name == "diag_matrix":
                return build("diag_matrix", build("multiply", s, b.args[0]))
            if b.name == "eye":
                return build("diag_matrix", build("spread", s, attrs=(b.shape[0],)))
        if s.rank == 0 and b.name == "full":
            return build("spread", build("multiply", s, number(b.attrs[0])), attrs=b.shape)  # type: ignore[arg-type]
        if s.rank == 0 and b.name == "spread":
            return build("spread", build("multiply", s, b.args[0]), attrs=b.shape)
    return None


def _signs_out(name: str) -> Law:
    """A sign leaves products and quotients."""
    def law(x: Array, y: Array) -> Found:
        if x.name == "negate":
            return build("negate", build(name, x.args[0], y))
        return build("negate", build(name, x, y.args[0])) if y.name == "negate" else None
    return law


def _sign_through(name: str) -> Law:
    """A sign leaves a linear operation."""
    def law(x: Array, *attrs: Hashable) -> Found:
        return build("negate", build(name, x.args[0], attrs=attrs)) if x.name == "negate" else None
    return law


def _even(x: Array, q: int | Fraction) -> Found:
    return build("power", x.args[0], attrs=(q,)) if x.name == "negate" and Fraction(q).denominator == 1 and q % 2 == 0 else None


def _ones_factor(x: Array, y: Array) -> Found:
    for a, b in ((x, y), (y, x)):
        if a.name == "full" and a.attrs[0] == 1 and a.shape == b.shape:
            return b
    return None


def _loosen(name: str) -> Law:
    """NumPy stretches by itself: X + s·1 is X + s, X∘(u1ᵀ) scales the rows by u."""
    def law(x: Array, y: Array) -> Found:
        for i, (a, b) in enumerate(((x, y), (y, x))):
            loose = _loose(b)
            if loose is not None and a.rank == b.rank and broadcast(a.shape, loose.shape) == b.shape:
                return build(name, a, loose) if i == 0 else build(name, loose, a)
        return None
    return law


def _loose(x: Array) -> Found:
    """What NumPy would stretch to the same array."""
    if x.name == "full":
        return number(x.attrs[0])  # type: ignore[arg-type]
    return _arg(x, "spread")


def _spread_number(x: Array, *shape: Dim) -> Found:
    q = value_of(x)
    return intern("full", (), (q, *shape)) if q is not None else x if x.shape == shape else None


# ── sums ──────────────────────────────────────────────────────────────────────────────────────────────────
def _on_diagonal(x: Array, y: Array) -> Found:
    """X + Diag(v) changes the diagonal of X only."""
    for a, b in ((x, y), (y, x)):
        d = _diagonal_values(b)
        if d is not None and a.shape == b.shape:
            mine = _diagonal_values(a)
            if mine is not None:
                return build("diag_matrix", build("add", mine, d))
            return build("add_diagonal", a, d)
    return None


def _diagonal_values(x: Array) -> Found:
    if x.name == "negate":
        d = _diagonal_values(x.args[0])
        return build("negate", d) if d is not None else None
    if x.name == "diag_matrix":
        return _loose(x.args[0]) or x.args[0]
    return number(1) if x.name == "eye" else None


def _add_signs(x: Array, y: Array) -> Found:
    if x.name == y.name == "negate":
        return build("negate", build("add", x.args[0], y.args[0]))
    if y.name == "negate":
        return build("subtract", x, y.args[0])
    if x.name == "negate":
        return build("subtract", y, x.args[0])
    if value_of(x) is not None and value_of(y) is not None:
        return number(value_of(x) + value_of(y))  # type: ignore[operator]
    return None


def _subtract(x: Array, y: Array) -> Found:
    d = _diagonal_values(y)
    if d is not None and x.shape == y.shape:
        return build("add", x, build("diag_matrix", build("spread", build("negate", d), attrs=(y.shape[0],))))
    if _diagonal_values(x) is not None and x.shape == y.shape:
        return build("add", build("negate", y), x)
    if y.name == "negate":
        return build("add", x, y.args[0])
    if x.name == "negate":
        return build("negate", build("add", x.args[0], y))
    return None


def _negate(x: Array) -> Found:
    q = value_of(x)
    if q is not None:
        return number(-q)
    if x.name == "negate":
        return x.args[0]
    if x.name == "multiply" and (q := value_of(x.args[0])) is not None:
        return build("multiply", number(-q), x.args[1])
    return build("diag_matrix", build("spread", number(-1), attrs=(x.shape[0],))) if x.name == "eye" else None


def _add_diagonal_twice(x: Array, d: Array) -> Found:
    return build("add_diagonal", x.args[0], build("add", x.args[1], d)) if x.name == "add_diagonal" else None


# ── powers ────────────────────────────────────────────────────────────────────────────────────────────────
def _power(x: Array, q: int | Fraction) -> Found:
    if q == 1:
        return x
    if value_of(x) is not None and Fraction(q).denominator == 1:
        return number(Fraction(value_of(x)) ** int(q))  # type: ignore[arg-type]
    if q < 0:
        return build("divide", number(1), build("power", x, attrs=(-q,)))
    if x.rank and q > 2 and Fraction(q).denominator <= 2 and q <= 8:  # by products: NumPy's general power is slow
        half = build("power", x, attrs=(2,))
        return build("multiply", build("power", x, attrs=(q - 2,)), half) if q != 4 else build("power", half, attrs=(2,))
    return build("multiply", x, build("power", x, attrs=(q - 1,))) if q == Fraction(3, 2) else None


def _quotient_again(x: Array, y: Array) -> Found:
    """X∘(1⊘u)1ᵀ divides the rows of X by u; 2(X/2) is X."""
    for a, b in ((x, y), (y, x)):
        inside = b.args[0] if b.name in ("column", "row") else b
        if inside.name == "divide" and value_of(inside.args[0]) == 1 and value_of(a) is None and a.rank == x.rank == y.rank:
            below = build(b.name, inside.args[1]) if b.name in ("column", "row") else inside.args[1]
            if broadcast(a.shape, below.shape) == a.shape:
                return build("divide", a, below)
        q, k = value_of(a), value_of(b.args[1]) if b.name == "divide" else None
        if q is not None and k:
            return build("multiply", number(Fraction(q) / Fraction(k)), b.args[0])
    return None


def _divide(x: Array, y: Array) -> Found:
    q, k = value_of(x), value_of(y)
    if k == 1:
        return x
    if q is not None and k is not None and k != 0:
        return number(Fraction(q) / Fraction(k))
    if x.rank == 2 and y.rank == 0 and x.name == "outer":
        return build("outer", build("divide", x.args[0], y), x.args[1])
    if y.name == "divide" and y.shape == x.shape and value_of(y.args[0]) is not None:
        return build("multiply", x, build("divide", y.args[1], y.args[0]))
    return None


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
        return build(x.name, *inside, attrs=x.shape[::-1] if x.name == "spread" else (x.attrs[0], *x.shape[::-1]))
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
        return build("reshape", _reversed(x.args[0]), attrs=shape)
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
    if (q := _loose(v)) is not None:
        return build("spread", build("column", build("multiply", q, u)), attrs=shape)
    if (q := _loose(u)) is not None:
        return build("spread", build("row", build("multiply", q, v)), attrs=shape)
    return None


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
        return build("row_sums", build("transpose", x) if x.name != "chain" else _reversed(x))
    return None


def _reversed(x: Array) -> Array:
    return build("chain", *(build("transpose", f) for f in reversed(x.args)))


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
                return build("multiply", u, build("chain", a if name == "row_inner" else build("transpose", a), v))
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
        if f.name == "diag_matrix" and (s := _loose(f.args[0])) is not None:
            return build("multiply", s, build("chain", *rest[0], *rest[1]))
    return None


def _inverse(x: Array) -> Found:
    if x.name == "inv":
        return x.args[0]
    if x.name == "transpose":
        return build("transpose", build("inv", x.args[0]))
    if x.name == "diag_matrix":
        return build("diag_matrix", build("divide", number(1), x.args[0]))
    if x.name == "kron":
        return build("kron", *(build("inv", a) for a in x.args))
    return None


def _log(x: Array, name: str, *parameters: Hashable) -> Found:
    if name == "log" and x.name == "det":
        return build("log_of_det", x.args[0])
    return None


LINEAR = ("transpose", "column", "row", "reshape", "diagonal", "part", "take_row", "take_column", "slice",
          "item", "spread", "sum", "row_sums", "column_sums", "trace", "diag_matrix", "tril", "triu")

TABLE: tuple[Row, ...] = (
    Row("multiply", "numbers together, in front", _multiply_numbers),
    *(Row(name, "a sign leaves products", _signs_out(name)) for name in ("multiply", "divide", "inner", "outer", "row_inner")),
    *(Row(name, "a sign leaves linear operations", _sign_through(name)) for name in LINEAR),
    Row("power", "(−x)² = x²", _even),
    Row("multiply", "a factor of a quotient", _quotient_again),
    Row("multiply", "a scalar scales the smaller factor", _scale_inside),
    Row("multiply", "1∘X = X", _ones_factor),
    Row("add", "NumPy stretches by itself", _loosen("add")),
    Row("subtract", "NumPy stretches by itself", _loosen("subtract")),
    Row("multiply", "NumPy stretches by itself", _loosen("multiply")),
    Row("divide", "NumPy stretches by itself", _loosen("divide")),
    Row("spread", "a constant array", _spread_number),
    Row("add", "X + Diag(v) changes the diagonal only", _on_diagonal),
    Row("add", "x + (−y) = x − y", _add_signs),
    Row("subtract", "x − (−y) = x + y", _subtract),
    Row("negate", "signs go to numbers and differences", _negate),
    Row("add_diagonal", "diagonals together", _add_diagonal_twice),
    Row("power", "small powers by products", _power),
    Row("divide", "quotients of numbers; of an outer product one factor", _divide),
    Row("transpose", "Xᵀᵀ = X, (uvᵀ)ᵀ = vuᵀ", _transpose),
    Row("reshape", "the shape once", _reshape),
    Row("outer", "u1ᵀ by stretching", _outer),
    Row("diagonal", "diag(Diag(v)) = v", _of_diagonal_matrix),
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
    Row("inv", "inverse of a transpose, of Diag, of ⊗", _inverse),
    Row("map", "log det without det", _log),
)
for _row in TABLE:
    LAWS.setdefault(_row.head, []).append(_row.better)
