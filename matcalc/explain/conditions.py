"""The conditions under which a formula holds and what its functions mean, read off the operators in it.

What the declarations already say (SPD, positive entries) is not repeated, nor what another condition says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from matcalc.core.algebra import UNIT, T
from matcalc.core.tree import Expr, substitute, walk
from matcalc.derive.kinks import kinks
from matcalc.errors import UnsupportedError
from matcalc.explain.implied import independent
from matcalc.explain.needs import FULL_RANK, NONSINGULAR, Need, of_value, simplest
from matcalc.notation.layout import Layout
from matcalc.notation.printing.printer import text
from matcalc.rewrite.typed import read

_WORD = re.compile(r"\s*[a-z]")
_SIGNS = {"latex": {"≠": "\\neq", "−": "-"}, "plain": {"≠": "!=", "−": "-"}}


def conditions(
    layout: Layout, functions: Sequence[Expr], answers: Sequence[Expr] = (), moving: Sequence[Expr] = ()
) -> tuple[str, ...]:
    """What must hold so that the `functions` have a value and a derivative, and the `answers` a value.

    They stand in reading order, each once; the derivatives are those in the `moving` variables.

    >>> from matcalc.core.algebra import var
    >>> from matcalc.core.dims import Dim
    >>> from matcalc.core.tree import make
    >>> from matcalc.operators import linear_algebra
    >>> n = Dim.name("n")
    >>> conditions(Layout(), [make("inv", var("A", (n, n))), make("inv", var("B", (n, n), frozenset({"spd"})))])
    ('A nonsingular',)
    """
    return tuple(sentence(need, layout) for need in needs(layout, functions, answers, moving))


def needs(
    layout: Layout, functions: Sequence[Expr], answers: Sequence[Expr] = (), moving: Sequence[Expr] = ()
) -> tuple[Need, ...]:
    """The conditions as sentences with a gap and what stands in it."""
    functions, answers = tuple(map(_in_matrices, functions)), tuple(map(_in_matrices, answers))
    found: list[Need] = []
    rough: list[Need] = []
    for f in functions:
        found += (need for x in walk(f) for need in of_value(x))
        rough += kinks(f, moving)
    found += (need for e in layout.partial if not _is_indexed(e) for x in (e, *e.args) for need in of_value(x))
    last = list(_of_answers(functions, answers))
    asked = {part for need in last for part in simplest(need)}
    # det(AXB) is a polynomial: what its derivative asks for is that the inverses in the answer exist
    rough = [need for need in rough if need[0] != NONSINGULAR or asked.isdisjoint(simplest(need))]
    return tuple(independent([*found, *rough, *last]))


def _of_answers(functions: Sequence[Expr], answers: Sequence[Expr]) -> Iterator[Need]:
    """Values of the answers; X⁺ that was not asked for is (XᵀX)⁻¹Xᵀ or Xᵀ(XXᵀ)⁻¹."""
    typed = {x.args[0] for x in walk(*functions) if x.op.name == "pinv"}
    for x in walk(*answers):
        if x.op.name == "pinv" and typed.isdisjoint((x.args[0], T(x.args[0]))):
            yield FULL_RANK, x.args[0]
        yield from of_value(x)


def _is_indexed(e: Expr) -> bool:
    """Whether it is one of the terms of an indexed sum."""
    return any(x.op is UNIT and isinstance(x.attrs[0], str) for x in walk(e))


def _in_matrices(root: Expr) -> Expr:
    """Indexed sums as what they are summed from, so that a condition is one of arrays: P > 0, not P_ij > 0."""
    read_sums: dict[Expr, Expr] = {}
    for x in walk(root):
        if x.op.name == "isum":
            with suppress(UnsupportedError):
                read_sums[x] = read(x)
    return substitute(root, read_sums) if read_sums else root


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
