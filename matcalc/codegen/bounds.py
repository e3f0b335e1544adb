"""What the indices of a formula need: x[3] an x with three entries, x[k] a k from 1 to its length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matcalc.core.dims import ONE, Dim
from matcalc.core.sample import size_conditions
from matcalc.core.tree import Expr, walk

Condition = tuple[Dim, Dim] | str


def bounds(roots: Iterable[Expr], conditions: Sequence[Condition]) -> tuple[tuple[Dim, Dim], ...]:
    """Pairs (least, dimension): the dimension must be at least the other one, and that does not follow by itself.

    >>> from matcalc.core.algebra import unit
    >>> n = Dim.name("n")
    >>> bounds([unit(3, n)], ())
    ((3, n),)
    >>> bounds([unit(1, n + Dim.of(1))], ())
    ()
    """
    nodes = list(walk(*roots))
    _, found = size_conditions(nodes)
    found += [(ONE, e.attrs[0]) for e in nodes if e.op.name == "unit" and isinstance(e.attrs[0], Dim)]
    return tuple(dict.fromkeys(pair for pair in found if not _follows(*pair, conditions)))


def _follows(least: Dim, dimension: Dim, conditions: Sequence[Condition]) -> bool:
    """Whether dimension − least has no negative coefficient, perhaps by a condition."""
    same = {dimension}
    for c in conditions:
        if not isinstance(c, str) and dimension in c:
            same |= set(c)
    return any(not _misses(least, d) for d in same)


def _misses(least: Dim, dimension: Dim) -> bool:
    have = dict(dimension.terms)
    return any(c > have.get(m, 0) for m, c in least.terms)
