"""Laws of numbers, scalings, sums and powers: of what acts entry by entry."""

from __future__ import annotations

from fractions import Fraction

from matcalc.core.dims import Dim
from matcalc.ir.array import Array, Law, build, intern, number, replace_args, value_of
from matcalc.ir.law import Found, Row, diagonal_matrix, entry_of, loose
from matcalc.ir.operations import broadcast


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
        if b.name == "divide" and (k := value_of(b.args[0])) is not None:
            return build("divide", number(q * k), b.args[1])
        under = Fraction(q).denominator
        if abs(Fraction(q).numerator) == 1 and under & (under - 1):  # a third of X is X/3; a half is 0.5 X
            return build("divide", b if Fraction(q) > 0 else build("negate", b), number(under))
        return intern("multiply", (a, b)) if a is not x else None
    return None


def _scale_inside(x: Array, y: Array) -> Found:
    """A scalar moves to the smaller factor: s(u vᵀ) = (s u)vᵀ; s I stays a diagonal, a row of a vector a row."""
    for s, b in ((x, y), (y, x)):
        if s.rank == 0 and b.rank == 2:
            if b.name in ("row", "column"):
                return build(b.name, build("multiply", s, b.args[0]))
            if b.name == "outer":
                return build("outer", build("multiply", s, b.args[0]), b.args[1])
            if b.name == "diag_matrix":
                return diagonal_matrix(build("multiply", s, b.args[0]), b.shape[0])
            if b.name == "eye":
                return build("diag_matrix", build("spread", s, attrs=(b.shape[0],)))
        if s.rank == 0 and b.name == "full":
            return build("spread", build("multiply", s, entry_of(b)), attrs=b.shape)
        if s.rank == 0 and b.name == "spread":
            return build("spread", build("multiply", s, b.args[0]), attrs=b.shape)
    return None


def _even(x: Array, q: int | Fraction) -> Found:
    return (
        build("power", x.args[0], attrs=(q,))
        if x.name == "negate" and Fraction(q).denominator == 1 and q % 2 == 0
        else None
    )


def _ones_factor(x: Array, y: Array) -> Found:
    for a, b in ((x, y), (y, x)):
        if a.name == "full" and a.attrs[0] == 1 and a.shape == b.shape:
            return b
    return None


def _loosen(name: str) -> Law:
    """NumPy stretches by itself: X + s·1 is X + s, X∘(u1ᵀ) scales the rows by u."""
    def law(x: Array, y: Array) -> Found:
        for i, (a, b) in enumerate(((x, y), (y, x))):
            small = loose(b)
            if small is not None and a.rank == b.rank and broadcast(a.shape, small.shape) == b.shape:
                return build(name, a, small) if i == 0 else build(name, small, a)
        return None
    return law


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
                return diagonal_matrix(build("add", mine, d), a.shape[0])
            return build("add_diagonal", a, d)
    return None


def _diagonal_values(x: Array) -> Found:
    if x.name == "negate":
        d = _diagonal_values(x.args[0])
        return build("negate", d) if d is not None else None
    if x.name == "diag_matrix":
        return loose(x.args[0]) or x.args[0]
    return number(1) if x.name == "eye" else None


def _without_minus(x: Array) -> Found:
    """−x where the leading number of x is negative."""
    if x.name != "multiply":
        return None
    q = value_of(x.args[0])
    if q is not None:
        return build("multiply", number(-q), x.args[1]) if q < 0 else None
    inside = _without_minus(x.args[0])
    return build("multiply", inside, x.args[1]) if inside is not None else None


def _add_signs(x: Array, y: Array) -> Found:
    if x.name == y.name == "negate":
        return build("negate", build("add", x.args[0], y.args[0]))
    if y.name == "negate":
        return build("subtract", x, y.args[0])
    if x.name == "negate":
        return build("subtract", y, x.args[0])
    if (opposite := _without_minus(y)) is not None:
        return build("subtract", x, opposite)
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


def _log_softmax(x: Array, y: Array) -> Found:
    """x − logsumexp(x), which loses the digits that log softmax keeps."""
    total = y.args[0] if y.name in ("row", "column") else y
    return build("log_softmax", x, attrs=total.attrs) if total.name == "logsumexp" and total.args[0] is x else None


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


# ── logarithms of 0 ───────────────────────────────────────────────────────────────────────────────────────
def zero_times_log(name: str) -> Law:
    """x log(x) and x log(x/y) are 0 where x is: the limit."""
    def law(x: Array, y: Array) -> Found:
        for a, b in ((x, y), (y, x)):
            limited = _limited(b, a)
            if limited is not b:
                return build(name, a, limited)
        return None
    return law


def _limited(y: Array, x: Array) -> Array:
    """y with 0 for the logarithms that are infinite where x is 0."""
    if y.name in ("add", "subtract", "negate"):
        return replace_args(y, tuple(_limited(a, x) for a in y.args))
    if y.name == "map" and y.shape == x.shape and _vanishes_with(y, x):
        return intern("zero_where", (y, x))
    return y


def _vanishes_with(log: Array, x: Array) -> bool:
    (inside,) = log.args
    if log.attrs[0] == "log1p":
        return x in (build("add", inside, number(1)), build("add", number(1), inside))
    quotient = inside.name == "divide" and inside.args[0] is x
    return log.attrs[0] == "log" and (inside is x or quotient)


# ── powers ────────────────────────────────────────────────────────────────────────────────────────────────
def _power(x: Array, q: int | Fraction) -> Found:
    if q == 1:
        return x
    if x.name == "inner" and x.args[0] is x.args[1] and Fraction(q).denominator == 2:
        return build("power", build("norm", x.args[0]), attrs=(int(2 * q),))
    if value_of(x) is not None and Fraction(q).denominator == 1:
        return number(Fraction(value_of(x)) ** int(q))  # type: ignore[arg-type]
    if q < 0:
        return build("divide", number(1), build("power", x, attrs=(-q,)))
    if (
        x.rank and q > 2 and Fraction(q).denominator <= 2 and q <= 8
    ):  # by products: NumPy's general power is slow
        half = build("power", x, attrs=(2,))
        return (
            build("multiply", build("power", x, attrs=(q - 2,)), half)
            if q != 4
            else build("power", half, attrs=(2,))
        )
    return build("multiply", x, build("power", x, attrs=(q - 1,))) if q == Fraction(3, 2) else None


def _quotient_again(x: Array, y: Array) -> Found:
    """X∘(1⊘u)1ᵀ divides the rows of X by u; 2(X/2) is X."""
    for a, b in ((x, y), (y, x)):
        inside = b.args[0] if b.name in ("column", "row") else b
        if (
            inside.name == "divide"
            and value_of(inside.args[0]) == 1
            and value_of(a) is None
            and a.rank == x.rank == y.rank
        ):
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
    if y.rank == 0 and x.name in ("diag_matrix", "eye"):
        return diagonal_matrix(build("divide", x.args[0] if x.args else number(1), y), x.shape[0])
    if y.rank == 0 and x.name == "spread":
        return build("spread", build("divide", x.args[0], y), attrs=x.attrs)
    if x.rank == 2 and y.rank == 0 and x.name == "outer":
        return build("outer", build("divide", x.args[0], y), x.args[1])
    if y.name == "divide" and y.shape == x.shape and value_of(y.args[0]) is not None:
        return build("multiply", x, build("divide", y.args[1], y.args[0]))
    return None


ROWS: tuple[Row, ...] = (
    Row("multiply", "numbers together, in front", _multiply_numbers),
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
    Row("subtract", "x − logsumexp(x) is the log of softmax(x)", _log_softmax),
    Row("negate", "signs go to numbers and differences", _negate),
    Row("add_diagonal", "diagonals together", _add_diagonal_twice),
    Row("multiply", "0 log 0 = 0", zero_times_log("multiply")),
    Row("inner", "0 log 0 = 0", zero_times_log("inner")),
    Row("power", "small powers by products", _power),
    Row("divide", "quotients of numbers; of an outer product one factor", _divide),
)
