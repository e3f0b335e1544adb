"""Powers whose exponent is a formula: aᵇ is kept as exp(b log a), Xᵇ as expm(b logm X), and recognised here."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from matcalc.core.algebra import (
    HAD,
    LIN,
    SCAL,
    UNITY,
    add,
    bag,
    eye,
    hadamard,
    linear,
    mul,
    num,
    number_of,
    scale,
    scaled,
    split_coefficient,
    terms_of,
)
from matcalc.core.tree import Expr, make

Powers = tuple[list[tuple[Expr, Expr]], Expr | None]


def symbolic_powers(e: Expr) -> Powers:
    """The bases and exponents whose product `e` is, and what else stands under its exponential (None: nothing).

    A base may be an array, then there is one entrywise power; no powers where `e` has no such form.

    >>> from matcalc.core.algebra import add, hadamard, var
    >>> from matcalc.core.dims import SCALAR
    >>> from matcalc.core.tree import make
    >>> a, b, c = (var(name, SCALAR) for name in "abc")
    >>> symbolic_powers(make("exp", add(hadamard(b, make("log", a)), c))) == ([(a, b)], c)
    True
    """
    if e.op.name != "exp":
        return [], None
    powers: list[tuple[Expr, Expr]] = []
    rest: list[tuple[int | Fraction, Expr]] = []
    terms = terms_of(e.args[0])
    for c, x in terms:
        found = _power(scale(c, x)) if e.is_scalar or len(terms) == 1 else None
        if found is None:
            rest.append((c, x))
        else:
            powers.append(found)
    return powers, linear(rest, e.shape) if rest else None


def by_base(x: Expr) -> Expr | None:
    """One term for each base of the powers in eˣ: b(log a + log c) − log a as (b − 1)log a + b log c; None where so."""
    exponents: dict[Expr, list[Expr]] = {}
    rest: list[tuple[int | Fraction, Expr]] = []
    for c, t in terms_of(x):
        for k, u in _spread(t):
            found = (u.args[0], num(1)) if u.op.name == "log" else _power(u)
            if found is None:
                rest.append((c * k, u))
            else:
                exponents.setdefault(found[0], []).append(scale(c * k, found[1]))
    totals = {base: add(*found) for base, found in exponents.items()}
    if all(number_of(q) is not None for found in exponents.values() for q in found):
        return None
    terms = [(1, hadamard(q, make("log", base))) for base, q in totals.items()]
    gathered = linear([*terms, *rest], x.shape)
    return None if gathered is x else gathered


def _spread(t: Expr) -> tuple[tuple[int | Fraction, Expr], ...]:
    """b(log a + log c) as b log a + b log c."""
    factors = list(zip(t.args, t.attrs, strict=True)) if t.op is HAD else []
    sums = [f for f, q in factors if q == 1 and f.op is LIN and all(u.op.name == "log" for u in f.args)]
    if len(sums) != 1 or any(f.op.name == "log" for f, _ in factors):
        return ((1, t),)
    beside = bag([(f, q) for f, q in factors if f is not sums[0]])
    return tuple((c, hadamard(beside, u)) for c, u in terms_of(sums[0]))


def absorbed(e: Expr) -> Iterator[Expr]:
    """aᵇ/a as aᵇ⁻¹ in a product of scalars: factors that are the bases of powers beside them, one and all."""
    factors = dict(zip(e.args, e.attrs, strict=True)) if e.op is HAD and e.is_scalar else {}
    for raised in [f for f, q in factors.items() if f.op.name == "exp" and q == 1]:
        bases = [base for base, _ in symbolic_powers(raised)[0] if base in factors]
        for taken in [[base] for base in bases] + [bases] * (len(bases) > 1):
            more = [scale(factors[base], make("log", base)) for base in taken]
            rest = [(f, q) for f, q in factors.items() if f not in taken and f is not raised]
            yield bag([*rest, (make("exp", add(raised.args[0], *more)), 1)])


def _power(x: Expr) -> tuple[Expr, Expr] | None:
    """a and b of b log a, where b is no number."""
    c, x = split_coefficient(x)
    if x.op is SCAL and x.args[1].op.name == "log":
        return x.args[1].args[0], scale(c, x.args[0])
    if x.op is not HAD or not x.is_scalar:
        return None
    factors = list(zip(x.args, x.attrs, strict=True))
    logs = [f for f, q in factors if f.op.name == "log" and q == 1]
    if len(logs) != 1:
        return None
    return logs[0].args[0], scale(c, bag([(f, q) for f, q in factors if f is not logs[0]]))


def matrix_power(X: Expr, b: Expr) -> Expr:
    """Xᵇ: a product, an inverse or a root where 2b is a whole number, else expm(b logm X).

    Shapes: X n×n, b a scalar; n×n.
    Source: Higham (2008), Functions of Matrices, section 1.7.
    """
    q = number_of(b)
    if q is None or Fraction(q).denominator > 2:
        return make("expm", scaled(b, make("logm", X)))
    root = make("sqrtm", X) if Fraction(q).denominator == 2 else X
    times = Fraction(q).numerator
    if times < 0:
        root, times = make("inv", root), -times
    return mul(*[root] * times) if times else eye(X.shape[0])


def base_and_exponent(e: Expr) -> tuple[Expr, Expr] | None:
    """X and b of Xᵇ = expm(b logm X)."""
    if e.op.name != "expm":
        return None
    c, x = split_coefficient(e.args[0])
    b, x = x.args if x.op is SCAL else (UNITY, x)
    return (x.args[0], scale(c, b)) if x.op.name == "logm" else None


def merged_powers(e: Expr) -> Expr | None:
    """X⁻¹Xᵇ as Xᵇ⁻¹ in a matrix product."""
    for i, (left, right) in enumerate(pairwise(e.args)):
        if base_and_exponent(left) or base_and_exponent(right):
            (X, a), (Y, b) = _as_power(left), _as_power(right)
            if X is Y:
                return mul(*e.args[:i], matrix_power(X, add(a, b)), *e.args[i + 2 :])
    return None


def _as_power(e: Expr) -> tuple[Expr, Expr]:
    found = base_and_exponent(e)
    if found is not None:
        return found
    if e.op.name in ("inv", "sqrtm"):
        X, b = _as_power(e.args[0])
        return X, scale(-1 if e.op.name == "inv" else Fraction(1, 2), b)
    return e, UNITY
