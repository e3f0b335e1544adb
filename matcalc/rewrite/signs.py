"""Odd and even functions of t and −t in one sum: sign(A − B) − sign(B − A) = 2 sign(A − B)."""

from __future__ import annotations

from matcalc.core.algebra import LIN, direction, neg
from matcalc.core.tree import Expr, make, substitute, walk


def one_sign(e: Expr) -> Expr | None:
    """With f(t) alone where f(t) and f(−t) of an odd or even f stand in `e`; None where none do.

    >>> from matcalc.core.algebra import sub, var
    >>> from matcalc.core.dims import ONE, Dim
    >>> x, y = (var(name, (Dim.name("n"), ONE)) for name in "xy")
    >>> s = make("sign", sub(x, y))
    >>> one_sign(sub(s, make("sign", sub(y, x)))) is s + s
    True
    """
    found = {x for x in walk(e) if (x.op.odd or x.op.even) and x.args[0].op is LIN and len(x.args[0].args) > 1}
    turned: dict[Expr, Expr] = {}
    for x in found:
        sign, argument = direction(x.args[0])
        other = make(x.op.name, argument)
        if sign < 0 and other in found:
            turned[x] = neg(other) if x.op.odd else other
    return substitute(e, turned) if turned else None
