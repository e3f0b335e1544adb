"""A smaller expression with the same fault: parts for the whole, arguments and variables for nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from matcalc.core.algebra import LIN, UNIT, VAR, var
from matcalc.core.dims import ONE, SCALAR
from matcalc.core.tree import Expr, substitute, walk

TRIES = 250


def smaller(e: Expr) -> Iterator[Expr]:
    """Expressions of the shape of `e` with fewer nodes, the smallest first."""
    taken = {str(x.attrs[0]) for x in walk(e) if x.op is VAR}
    nodes = sorted(walk(e), key=lambda x: -x.size)
    yield from sorted((x for x in nodes if x.shape == e.shape and x is not e and x.args), key=lambda x: x.size)
    for x in nodes:
        if x is e or not x.args:
            continue
        for a in x.args:
            if a.shape == x.shape:
                yield substitute(e, {x: a})
        letters = "στρ" if x.shape == SCALAR else "xyz" if x.shape[1] is ONE else "XYZ"
        fresh = next((c for c in letters if c not in taken), letters[0] + "_9")
        yield substitute(e, {x: var(fresh, x.shape)})
    for x in nodes:
        if x.op is LIN and len(x.args) > 1:
            for a in x.args:
                yield substitute(e, {x: a})


def loose(e: Expr) -> bool:
    """Whether there is no variable, or an index that no sum binds."""
    inside: dict[Expr, frozenset[object]] = {}
    for x in walk(e):
        free = frozenset[object]().union(*(inside[a] for a in x.args))
        if x.op is UNIT and isinstance(x.attrs[0], str):
            free |= {x.attrs[0]}
        inside[x] = free - {x.attrs[0]} if x.op.name == "isum" else free
    return bool(inside[e]) or not any(x.op is VAR for x in walk(e))


def shrunk(e: Expr, fails: Callable[[Expr], bool]) -> Expr:
    """The smallest expression met that still fails."""
    left = TRIES
    while True:
        for candidate in smaller(e):
            left -= 1
            if left < 0:
                return e
            if candidate.size < e.size and not loose(candidate) and fails(candidate):
                e = candidate
                break
        else:
            return e
