"""Convex or concave by the Hessian: positive or negative semidefinite wherever the variable may be.

That shows something only where the objective is twice differentiable on a convex set. So no kink and no jump may
depend on the variable, and where a function has no value everywhere, its argument is affine, concave, or declared.

Source: Boyd & Vandenberghe, Convex Optimization (2004), section 3.1.4.
"""

from __future__ import annotations

from contextlib import suppress

from matcalc.core.algebra import CHAIN, HAD, LIN, SCAL, ZEROS, add, ones
from matcalc.core.positivity import is_definite, is_positive
from matcalc.core.tree import Expr, walk
from matcalc.derive.convex_forms import AFFINE, CONCAVE, CONVEX, UNKNOWN, Judge, is_whole_power
from matcalc.derive.hessian import hessian
from matcalc.derive.semidefinite import Signs
from matcalc.errors import MatcalcError

LIMIT, NESTED = 60, 2  # nodes, and functions of functions, of an objective whose Hessian is worth the wait
POSITIVE = frozenset({"log", "lgamma", "digamma", "trigamma"})  # functions of positive numbers
DEFINITE = frozenset({"inv", "logdet", "sqrtm", "logm"})  # and these of positive definite matrices
NO_DOMAIN = frozenset({"apply", "polygamma"})  # nothing is known of where they have values
CURVED = frozenset({"elementwise", "nonlinear", "function"})  # kinds of operators that are not linear
FORMS = {"Diag": "diagonal", "kron": "a Kronecker product of such", LIN.name: "a sum of such", HAD.name: "A∘B of such",
         CHAIN.name: "AᵀPA with such a P"}
Shown = tuple[str, tuple[str, ...], tuple[Expr, ...]]  # the kind, the reasons, and what they need


def by_hessian(f: Expr, x: Expr, H: Expr | None = None) -> Shown:
    """The curvature of a smooth `f` in one variable as its Hessian shows it."""
    if H is None and f.size <= LIMIT and nesting(f, x) <= NESTED:
        with suppress(MatcalcError):
            H = hessian(f, x)
    if H is None:
        return UNKNOWN, (), ()
    if H.op is ZEROS:
        return AFFINE, ("the Hessian is 0",), ()
    for kind, sign in ((CONVEX, 1), (CONCAVE, -1)):
        needed = Signs(x).semidefinite(H, sign)
        if needed is not None:
            return kind, (_reason(H, sign),), needed
    return UNKNOWN, (), ()


def nesting(f: Expr, x: Expr) -> int:
    """How many functions that are not linear stand inside one another around x."""
    depth = {x: 0}
    for e in walk(f):
        inside = [depth[a] for a in e.args if a in depth]
        if inside:
            power = e.op is HAD and any(p != 1 for b, p in zip(e.args, e.attrs, strict=True) if b in depth)
            depth[e] = max(inside) + (power or e.op.kind in CURVED)
    return depth.get(f, 0)


def _reason(H: Expr, sign: int) -> str:
    if H.is_scalar:
        return f"the second derivative is not {'negative' if sign > 0 else 'positive'}"
    while H.op is SCAL or H.op is LIN and len(H.args) == 1:
        H = H.args[-1]
    form = f": {FORMS[H.op.name]}" if H.op.name in FORMS else ""
    return f"the Hessian is {'positive' if sign > 0 else 'negative'} semidefinite{form}"


def is_smooth(judge: Judge) -> bool:
    """Whether a function is known to be twice differentiable inside a convex set, continuous up to its border."""
    return all(_is_smooth(judge, N) for N in judge.active) and not judge.needed


def _is_smooth(judge: Judge, N: Expr) -> bool:
    """Whether one node has two derivatives where its arguments may be."""
    if N.op is HAD:
        return all(_has_power(judge, b, p.numerator, p.denominator) for b, p in zip(N.args, N.attrs, strict=True))
    if N.op.smooth or N.op.name in NO_DOMAIN or is_whole_power(N):
        return False
    if N.op.name in POSITIVE:
        return _stays_positive(judge, N.args[0])
    if N.op.name == "log1p":
        return _stays_positive(judge, add(ones(N.shape), N.args[0]))
    if N.op.name in DEFINITE:
        return is_definite(N.args[0])
    return not N.op.domain


def _has_power(judge: Judge, b: Expr, above: int, below: int) -> bool:
    """Roots of what stays positive, 1/b of what is never 0; a root of a square has a kink."""
    if b not in judge.active or below == 1 and above > 0:
        return True
    return is_positive(b) if below == 1 else _stays_positive(judge, b)


def _stays_positive(judge: Judge, e: Expr) -> bool:
    """Whether the set on which e is positive is convex."""
    return is_positive(e) or judge.of(e) in (AFFINE, CONCAVE)
