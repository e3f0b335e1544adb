"""Transposes pulled out of products, last of all: AᵀBᵀ within a product is (BA)ᵀ, as people write it."""

from __future__ import annotations

from matcalc.core.algebra import CHAIN, TRANSPOSE, T, mul
from matcalc.core.tree import Expr, node, rebuild, walk


def pulled_out(e: Expr) -> Expr | None:
    """(…)ᵀ for an expression whose transpose is not one itself."""
    turned = T(e)
    return None if turned is e or turned.op is TRANSPOSE else node(TRANSPOSE, (turned,), (), e.shape)


def merged(e: Expr) -> Expr:
    """Every run of transposed factors as the transpose of one product; nothing else is to be rewritten after it."""
    done: dict[Expr, Expr] = {}
    for x in walk(e):
        y = rebuild(x, tuple(done[a] for a in x.args))
        done[x] = _with_runs(y) if y.op is CHAIN else y
    return done[e]


def _with_runs(e: Expr) -> Expr:
    factors: list[Expr] = []
    run: list[Expr] = []
    for f in (*e.args, None):
        if f is not None and f.op is TRANSPOSE and f.args[0].op.name != "inv":
            run.append(f)
            continue
        factors += _together(run, factors[-1] if factors else None, f)
        factors += [] if f is None else [f]
        run = []
    return mul(*factors) if len(factors) < len(e.args) else e


def _together(run: list[Expr], before: Expr | None, after: Expr | None) -> list[Expr]:
    """A run as one transpose; a power stays one, and ABBᵀAᵀ, which is seen to be symmetric, is left as it is."""
    if len(run) < 2 or run[0] is run[-1] or run[0].args[0] is before or run[-1].args[0] is after:
        return run
    turned = mul(*(f.args[0] for f in reversed(run)))
    return [node(TRANSPOSE, (turned,), (), (turned.shape[1], turned.shape[0]))] if turned.op is CHAIN else run
