"""Powers whose exponent is a formula: aᵇ is kept as exp(b log a), and recognised here."""

from __future__ import annotations

from fractions import Fraction

from matcalc.core.algebra import HAD, SCAL, add, bag, linear, scale, split_coefficient, terms_of
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


def absorbed(e: Expr) -> Expr | None:
    """aᵇ/a as aᵇ⁻¹ in a product of scalars: a factor that is the base of a power beside it; None where none is."""
    factors = dict(zip(e.args, e.attrs, strict=True)) if e.op is HAD and e.is_scalar else {}
    for raised in [f for f, q in factors.items() if f.op.name == "exp" and q == 1]:
        for base, _ in symbolic_powers(raised)[0]:
            if (q := factors.pop(base, 0)) != 0:
                more = scale(q, make("log", base))
                factors[raised] = 0
                return bag([*factors.items(), (make("exp", add(raised.args[0], more)), 1)])
    return None


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
