"""The conditions under which a formula holds and what its functions mean, read off the operators in it.

What the declarations already say (SPD, positive entries) is not repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from matcalc.core.algebra import CHAIN, HAD, TRANSPOSE, T, facts_of, mul, scale, split_coefficient
from matcalc.core.dims import ONE
from matcalc.core.positivity import is_definite, is_positive
from matcalc.core.tree import Expr, substitute, walk
from matcalc.derive.pullback import reaching
from matcalc.errors import UnsupportedError
from matcalc.notation.layout import Layout
from matcalc.notation.printing.printer import text
from matcalc.rewrite.typed import read

Need = tuple[str, Expr]  # a sentence with a gap, and what stands in it
_WORD = re.compile(r"\s*[a-z]")
_SIGNS = {"latex": {"≠": "\\neq", "−": "-"}, "plain": {"≠": "!=", "−": "-"}}


def conditions(layout: Layout, *roots: Expr, moving: Sequence[Expr] | None = None) -> tuple[str, ...]:
    """What must hold for the formulas to have a value, in reading order, each once.

    Where the `moving` variables are given, a kink is one of a part that depends on them.

    >>> from matcalc.core.algebra import var
    >>> from matcalc.core.dims import Dim
    >>> from matcalc.core.tree import make
    >>> from matcalc.operators import linear_algebra
    >>> n = Dim.name("n")
    >>> conditions(Layout(), make("inv", var("A", (n, n))), make("inv", var("B", (n, n), frozenset({"spd"}))))
    ('A nonsingular',)
    """
    return tuple(sentence(need, layout) for need in needs(*roots, moving=moving))


def needs(*roots: Expr, moving: Sequence[Expr] | None = None) -> tuple[Need, ...]:
    """What must hold for the formulas to have a value, as sentences with a gap and what stands in it."""
    found: dict[Need, Need] = {}
    for root in map(_in_matrices, roots):
        for x in walk(root) if moving is None else _without_resting_kinks(root, moving):
            for need in map(_plainly, _needs(x)):
                found.setdefault(_fact(*need), need)
    positive = {_fact(NONZERO, e) for says, e in found.values() if says == POSITIVE}  # what is positive is not 0
    told = {need for need in found.values() if need[0] != POSITIVE and _fact(NONZERO, need[1]) in positive}
    return tuple(need for need in found.values() if need not in told and not _holds(*need))


def _without_resting_kinks(root: Expr, moving: Sequence[Expr]) -> list[Expr]:
    """The nodes with conditions on values, and those with kinks where what is differentiated depends on `moving`."""
    smooth = read(root)
    kinks = [x for x in walk(smooth) if x.op.domain == NO_ZERO and x in reaching(smooth, moving)]
    return [x for x in walk(root) if x.op.domain != NO_ZERO] + kinks


def _in_matrices(root: Expr) -> Expr:
    """Indexed sums as what they are summed from, so that a condition is one of arrays: P > 0, not P_ij > 0."""
    read_sums: dict[Expr, Expr] = {}
    for x in walk(root):
        if x.op.name == "isum":
            with suppress(UnsupportedError):
                read_sums[x] = read(x)
    return substitute(root, read_sums) if read_sums else root


def _plainly(need: Need) -> Need:
    """The same said of the smallest part: A is nonsingular for |det(A)| > 0, x − y ≠ 0 for (x − y)ᵀW(x − y) ≠ 0."""
    says, e = need
    while True:
        c, inside = split_coefficient(e)
        sign_free = says in SIGN_FREE
        half = _half(inside) if inside.is_scalar and (sign_free or says == POSITIVE and c > 0) else None
        if half is not None:
            says, e = NONZERO, half
        elif says == POSITIVE and e.op.name == "abs":
            says, e = NO_ZERO, e.args[0]
        elif sign_free and inside.op.name == "det":
            says, e = NONSINGULAR, inside.args[0]
        elif e is not inside and (sign_free or says == POSITIVE and c > 0):
            e = inside
        elif e.op is TRANSPOSE or e.shape[0] is ONE and e.shape[1] is not ONE:
            e = T(e)
        else:
            return (NONZERO if says == NO_ZERO and e.is_scalar else says), e


def _half(e: Expr) -> Expr | None:
    """Ax for the scalar (Ax)ᵀW Ax with a positive definite W, which is 0 where Ax is."""
    if e.op.name == "frob" and e.args[0] is e.args[1]:
        return e.args[0]
    n = len(e.args) if e.op is CHAIN else 0
    for k in range(1, n // 2 + 1):
        left, core, right = e.args[:k], e.args[k : n - k], e.args[n - k :]
        if T(mul(*left)) is mul(*right) and (not core or len(core) == 1 and is_definite(core[0])):
            return mul(*right)
    return None


def _fact(says: str, e: Expr) -> Need:
    """What a condition says, the same for a transposed and, where signs do not matter, for a negated part."""
    e = read(e)
    twins = [e, T(e)]
    if says in SIGN_FREE:
        twins += [scale(-1, x) for x in twins]
    return says, min(twins, key=lambda x: x.key)


def _holds(says: str, e: Expr) -> bool:
    """Whether the declarations say it already."""
    if says in (POSITIVE, NONZERO, NO_ZERO):
        return is_positive(e)
    return _is_implied(says, e)


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
NONZERO = "{} ≠ 0"
NO_ZERO = "no entry of {} is 0"
NONSINGULAR = "{} nonsingular"
SIGN_FREE = (NONZERO, NO_ZERO, NONSINGULAR)
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
                yield NONZERO, base.args[0]
            elif exponent.denominator != 1 and base.op.name != "frob" and not is_positive(base):
                yield POSITIVE, base
            elif exponent < 0 and not is_positive(base):
                yield NO_ZERO, base


def _is_implied(domain: str, x: Expr) -> bool:
    """Whether a condition holds because the matrix is positive definite, or orthogonal."""
    if "nonsingular" in domain and "orth" in facts_of(x):
        return True
    return any(word in domain for word in OF_DEFINITE) and is_definite(x)
