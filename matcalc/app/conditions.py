"""The conditions under which a formula holds and what its functions mean, read off the operators in it.

What the declarations already say (SPD, positive entries) is not repeated.
"""

from __future__ import annotations

from collections.abc import Iterator

from matcalc.core.algebra import HAD, TRANSPOSE, facts_of, scale
from matcalc.core.positivity import is_definite, is_positive
from matcalc.core.tree import Expr, walk
from matcalc.notation.layout import Layout
from matcalc.notation.printing.printer import text


def conditions(layout: Layout, *roots: Expr) -> tuple[str, ...]:
    """What must hold for the formulas to have a value, in reading order, each once.

    >>> from matcalc.core.algebra import var
    >>> from matcalc.core.dims import Dim
    >>> from matcalc.core.tree import make
    >>> from matcalc.operators import linear_algebra
    >>> n = Dim.name("n")
    >>> conditions(Layout(), make("inv", var("A", (n, n))), make("inv", var("B", (n, n), frozenset({"spd"}))))
    ('A nonsingular',)
    """
    needs = dict.fromkeys(need for root in roots for x in walk(root) for need in _needs(x))
    positive = {e for says, e in needs if says == POSITIVE}
    positive |= {scale(-1, e) for e in positive}  # what is positive is not 0, nor is its negative
    return tuple(says.format(text(e, layout)) for says, e in needs if says == POSITIVE or e not in positive)


POSITIVE = "{} > 0"
OF_DEFINITE = ("nonsingular", "rank", "negative axis")  # what every positive definite matrix is


def legend(given: Expr, answer: Expr) -> tuple[str, ...]:
    """What the functions mean that an answer brings in, in reading order.

    >>> from matcalc.core.algebra import var
    >>> from matcalc.core.dims import Dim
    >>> from matcalc.core.tree import make
    >>> from matcalc.operators import elementwise
    >>> X = var("X", (Dim.name("m"), Dim.name("n")))
    >>> legend(make("abs", X), make("sign", X))
    ('sign(0) = 0, there a subgradient of |x|',)
    """
    typed = {x.op for x in walk(given)}
    return tuple(dict.fromkeys(x.op.legend for x in walk(answer) if x.op.legend and x.op not in typed))


def _needs(e: Expr) -> Iterator[tuple[str, Expr]]:
    """The conditions of one node, as sentences with a gap and what stands in it."""
    if e.op.domain:
        x = e.args[0].args[0] if e.args[0].op is TRANSPOSE else e.args[0]
        if x.op.name == "kron" and "nonsingular" in e.op.domain:
            yield from ((e.op.domain, factor) for factor in x.args if not is_definite(factor))
        elif not (is_positive(x) if ">" in e.op.domain else _is_implied(e.op.domain, x)):
            yield e.op.domain, x
    elif e.op is HAD:
        for base, exponent in zip(e.args, e.attrs, strict=True):
            if exponent < 0 and base.op.name == "frob" and base.args[0] is base.args[1]:
                yield "{} ≠ 0", base.args[0]
            elif exponent.denominator != 1 and base.op.name != "frob" and not is_positive(base):
                yield POSITIVE, base
            elif exponent < 0 and not is_positive(base):
                yield "{} ≠ 0" if base.is_scalar else "no entry of {} is 0", base


def _is_implied(domain: str, x: Expr) -> bool:
    """Whether a condition holds because the matrix is positive definite, or orthogonal."""
    if "nonsingular" in domain and "orth" in facts_of(x):
        return True
    return any(word in domain for word in OF_DEFINITE) and is_definite(x)
