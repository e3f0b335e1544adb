"""The gradient: G with df = G:dX, shortened, projected onto the structure of X."""

from __future__ import annotations

from matcalc.core.algebra import UNITY, eye, facts_of, hadamard, zeros
from matcalc.core.tree import Expr, make, substitute, walk
from matcalc.derive.naming import name_residuals
from matcalc.derive.pullback import accumulate
from matcalc.errors import UnsupportedError
from matcalc.rewrite.cost import cost, rank
from matcalc.rewrite.masks import freed, with_masks
from matcalc.rewrite.shorten import MAX_SIZE, Shortener, Work
from matcalc.rewrite.transposes import merged
from matcalc.rewrite.typed import read

PLAIN = 12  # symbols from which another way to a short answer is tried
PROJECTIONS = {
    "sym": lambda G: make("sym", G),
    "spd": lambda G: make("sym", G),
    "skew": lambda G: make("skew", G),
    "diag": lambda G: hadamard(eye(G.shape[0]), G),
    "tril": lambda G: make("tril", G),
}


def project(G: Expr, x: Expr) -> Expr:
    """The part of a gradient that lies in the space of x: sym(G) for Sym and SPD, skew(G), I∘G, tril(G)."""
    for fact in facts_of(x):
        if fact in PROJECTIONS:
            return PROJECTIONS[fact](G)
    return G


def gradient(f: Expr, x: Expr) -> Expr:
    """The gradient of a scalar f with respect to the variable x, of x's shape.

    Shapes: f is 1×1, the result has the shape of x.
    Raises:
        UnsupportedError: an operator on the way has no derivative.
    """
    return gradients(f, (x,))[x]


def gradients(f: Expr, variables: tuple[Expr, ...]) -> dict[Expr, Expr]:
    """The gradients with respect to several variables, shortened with what they share."""
    free = freed(variables)
    if free:
        found = gradients(substitute(f, free), tuple(free.get(x, x) for x in variables))
        shorten = Shortener()
        return {x: merged(shorten(read(with_masks(found[free.get(x, x)], variables)))) for x in variables}
    typed = read(f)
    work = Work()
    best = _shortened(typed, variables, work)
    if typed is not f and f.size < MAX_SIZE and _lifts(f):  # the product as typed may have the shorter answer
        try:
            other = _shortened(f, variables, work, lifted=False)
        except UnsupportedError:
            other = best
        best = {x: _shorter(best[x], other[x]) for x in variables}
    return {x: merged(G) for x, G in best.items()}


def _lifts(f: Expr) -> bool:
    return any(e.op.name in ("kron", "khatri_rao", "face_split") for e in walk(f))


def _shortened(f: Expr, variables: tuple[Expr, ...], work: Work, lifted: bool = True) -> dict[Expr, Expr]:
    found = accumulate(UNITY, f, list(variables))
    shorten, shorten_named = Shortener(work=work), Shortener(work=work)
    named = name_residuals(f, variables)
    out = {}
    for x in variables:
        G = project(found.get(x, zeros(x.shape)), x)
        G = read(G) if lifted else G
        out[x] = shorten(G)
        if named.leaves and out[x].size <= MAX_SIZE and cost(out[x]) > PLAIN:  # a residual kept whole may factor better
            out[x] = _shorter(out[x], named.unfold(shorten_named(named.fold(G))))
    return out


def _shorter(a: Expr, b: Expr) -> Expr:
    """The preferred one of two equal forms; very large ones are told apart by their size alone."""
    if max(a.size, b.size) > MAX_SIZE:
        return b if b.size < a.size else a
    return min(a, b, key=rank)
