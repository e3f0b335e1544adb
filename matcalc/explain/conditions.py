"""The conditions under which a formula holds and what its functions mean, read off the operators in it.

What the declarations already say (SPD, positive entries) is not repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from matcalc.core.algebra import HAD, TRANSPOSE, facts_of, scale
from matcalc.core.positivity import is_definite, is_positive
from matcalc.core.tree import Expr, walk
from matcalc.notation.layout import Layout
from matcalc.notation.printing.printer import text

Need = tuple[str, Expr]  # a sentence with a gap, and what stands in it
_WORD = re.compile(r"\s*[a-z]")
_SIGNS = {"latex": {"≠": "\\neq", "−": "-"}, "plain": {"≠": "!=", "−": "-"}}


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
    return tuple(sentence(need, layout) for need in needs(*roots))


def needs(*roots: Expr) -> tuple[Need, ...]:
    """What must hold for the formulas to have a value, as sentences with a gap and what stands in it."""
    found = dict.fromkeys(need for root in roots for x in walk(root) for need in _needs(x))
    positive = {e for says, e in found if says == POSITIVE}
    positive |= {scale(-1, e) for e in positive}  # what is positive is not 0, nor is its negative
    return tuple((says, e) for says, e in found if says == POSITIVE or e not in positive)


def sentence(need: Need, layout: Layout, notation: str = "unicode") -> str:
    r"""A condition in words and signs; in LaTeX for its mathematics mode.

    >>> from matcalc.core.algebra import var
    >>> from matcalc.core.dims import SCALAR
    >>> sentence(("no entry of {} is 0", var("λ", SCALAR)), Layout(), "latex")
    '\\text{no entry of }\\lambda\\text{ is 0}'
    >>> sentence(("{} ≠ 0", var("λ", SCALAR)), Layout(), "latex")
    '\\lambda \\neq 0'
    """
    says, e = need
    signs, inside = _SIGNS.get(notation, {}), text(e, layout, notation)
    before, after = ("".join(signs.get(c, c) for c in part) for part in says.split("{}"))
    if notation == "latex":
        before, after = (f"\\text{{{part}}}" if _WORD.match(part) else part for part in (before, after))
    return before + inside + after


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


def _needs(e: Expr) -> Iterator[Need]:
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
