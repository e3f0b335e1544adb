"""Roots of matrices whose diagonal is 0, such as the squared distances of points to each other.

√S has no derivative at 0, but its diagonal does not move: √S = (11ᵀ − I)∘√(S + I), which differentiates everywhere
that the points differ.
"""

from __future__ import annotations

from matcalc.core.algebra import LIN, bag, eye, ones, sub
from matcalc.core.tree import Expr, make
from matcalc.rewrite.shorten import Shortener


def is_hollow(e: Expr) -> bool:
    """Whether the diagonal of a sum of square matrices is 0 whatever its variables are.

    >>> from matcalc.core.algebra import T, sub, var
    >>> from matcalc.core.dims import Dim
    >>> n = Dim.name("n")
    >>> X = var("X", (n, n))
    >>> is_hollow(sub(X, T(X))), is_hollow(sub(X, T(sub(X, T(X)))))
    (True, False)
    """
    if e.op is not LIN or len(e.args) < 2 or e.shape[0] is not e.shape[1] or e.is_scalar:
        return False
    return Shortener()(make("diag", e)).op.name == "zeros"


def off_diagonal(e: Expr) -> Expr | None:
    """√S as (11ᵀ − I)∘√(S + I) in an entrywise product, for a hollow S."""
    pairs = list(zip(e.args, e.attrs, strict=True))
    hollow = [f for f, p in pairs if p > 0 and p.denominator > 1 and is_hollow(f)]
    if not hollow:
        return None
    apart = sub(ones(e.shape), eye(e.shape[0]))
    return bag([(apart, 1), *((f + eye(e.shape[0]) if f in hollow else f, p) for f, p in pairs)])


READ = {"had": (("root/off-diagonal", off_diagonal),)}
