"""How likely a wrong formula passes: the degree of what was compared, over the prime.

A nonzero polynomial of degree d vanishes at a random point of F_p with probability at most d/p (Schwartz
1980, Zippel 1979). Every value here is a quotient of polynomials in the random numbers; (a, b) bounds the
degrees of its numerators and of a common denominator of its entries. A value of an uninterpreted function is
one more random number; a root of order s multiplies the degree by s for each entry that has one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import log10

from matcalc.check.evaluate import Evaluation
from matcalc.check.prime import P
from matcalc.core.sample import declared
from matcalc.core.tree import Expr, walk

Degrees = tuple[int, int]


def bound(E: Evaluation, roots: Iterable[Expr], attempts: Iterable[int]) -> str:
    """How likely unequal sides were equal in all trials, where each trial took the first of some draws."""
    degree = _degree(E, tuple(roots))
    chance = sum(min(0.0, log10(n) + log10(degree) - log10(P)) for n in attempts)
    size = f"{degree}" if degree < 10**6 else f"10^{int(log10(degree)) + 1}"
    why = f"degree at most {size}, modulo p = {P}"
    return f"a wrong formula passes with probability below 1e{int(chance)} ({why})"


def _degree(E: Evaluation, roots: tuple[Expr, ...]) -> int:
    """The degree of the polynomial that says that the sides, or their derivatives, are equal."""
    degrees: dict[Expr, Degrees] = {}
    factor = 1
    for e in walk(*roots):
        degrees[e] = DEGREES.get(e.op.name, _sum)(E, e, [degrees[a] for a in e.args])
        factor *= _roots(E, e)
    return factor * sum(a + 2 * b + 1 for a, b in (degrees[e] for e in roots))


def _roots(E: Evaluation, e: Expr) -> int:
    """The product of the orders of all roots that a node takes (of a number drawn as a square: none)."""
    factor = 1
    for base, q in zip(e.args, e.attrs, strict=True) if e.op.name == "had" else ():
        if "positive" not in declared(base):
            m, n = E.shape(e)
            factor *= int(q.denominator) ** (m * n)
    return factor


def _sum(E: Evaluation, e: Expr, args: list[Degrees]) -> Degrees:
    """A multilinear operator: degrees add."""
    return sum(a for a, _ in args), sum(b for _, b in args)


def _lin(E: Evaluation, e: Expr, args: list[Degrees]) -> Degrees:
    bottom = sum(b for _, b in args)
    return max(a + bottom - b for a, b in args), bottom


def _variable(E: Evaluation, e: Expr, args: list[Degrees]) -> Degrees:
    facts = declared(e)
    n = E.shape(e)[0]
    return (n, n) if "orth" in facts else (2, 0) if "spd" in facts or "positive" in facts else (1, 0)


def _had(E: Evaluation, e: Expr, args: list[Degrees]) -> Degrees:
    m, n = E.shape(e)
    top = bottom = 0
    for (a, b), q in zip(args, e.attrs, strict=True):
        k = abs(q.numerator)
        if q < 0:
            a, b = b + (m * n - 1) * a, m * n * a
        top, bottom = top + k * a, bottom + k * b
    return top, bottom


def _inverse(E: Evaluation, e: Expr, args: list[Degrees]) -> Degrees:
    (a, b), n = args[0], max(E.shape(e.args[0]))
    return (n - 1) * a + b, n * a


def _pinv(E: Evaluation, e: Expr, args: list[Degrees]) -> Degrees:
    (a, b), n = args[0], max(E.shape(e.args[0]))
    return 6 * n * (a + b), 6 * n * (a + b)


def _determinant(E: Evaluation, e: Expr, args: list[Degrees]) -> Degrees:
    (a, b), n = args[0], E.shape(e.args[0])[0]
    return n * a, n * b


def _function(E: Evaluation, e: Expr, args: list[Degrees]) -> Degrees:
    """A quotient of low degree in the drawn number, for each entry; slopes are below that."""
    m, n = E.shape(e.args[0])
    bound = m * n * (4 + 3 * sum(a + b for a, b in args))
    return bound, bound


def _differential(E: Evaluation, e: Expr, args: list[Degrees]) -> Degrees:
    (a, b), = args
    return a + b, 2 * b


def _indexed(E: Evaluation, e: Expr, args: list[Degrees]) -> Degrees:
    (a, b), = args
    terms = E.size(e.attrs[2])
    return a + (terms - 1) * b, terms * b


_FUNCTIONS = (
    "exp log sin cos tan sinh cosh tanh arctan sigmoid softplus erf log1p expm1 normcdf lognormcdf lgamma "
    "digamma trigamma polygamma apply softmax logsumexp softmax_rows softmax_cols logsumexp_rows "
    "logsumexp_cols logdet"
).split()

DEGREES: dict[str, Callable[[Evaluation, Expr, list[Degrees]], Degrees]] = {
    "var": _variable,
    "meta": _variable,
    "const": lambda E, e, args: (2, 0),
    "lin": _lin,
    "block": _lin,
    "had": _had,
    "inv": _inverse,
    "pinv": _pinv,
    "det": _determinant,
    "adj": _determinant,
    "d": _differential,
    "isum": _indexed,
    **dict.fromkeys(_FUNCTIONS, _function),
}
"""The degrees of a node from those of its arguments; a multilinear operator stands in no row."""
