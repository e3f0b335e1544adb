"""Rows at work: the index of identities by head operator, and rewriting to a fixed point from the leaves up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from matcalc.core.algebra import LIN, META, TRANSPOSE
from matcalc.core.tree import Expr, rebuild
from matcalc.identities import Identity, use
from matcalc.rewrite.match import rewrites
from matcalc.rewrite.step import Step, step

Procedure = tuple[str, Callable[[Expr], Expr | None]]
MAX_ROUNDS = 60


@cache
def indexed(purpose: str) -> dict[str, tuple[tuple[Identity, frozenset[str]], ...]]:
    """The rows of one purpose by the operator at the head of their left side, each with those that stand below it."""
    index: dict[str, list[tuple[Identity, frozenset[str]]]] = {}
    for row in use(purpose):
        index.setdefault(row.left.op.name, []).append((row, _needed(row.left)))
    return {name: tuple(rows) for name, rows in index.items()}


def _needed(pattern: Expr) -> frozenset[str]:
    """The operators that the arguments of whatever matches the pattern must have."""
    free = (META, TRANSPOSE, LIN)  # these match by value, not by their operator
    return frozenset(a.op.name for a in pattern.args if a.op not in free)


def applications(e: Expr, purpose: str) -> Iterable[tuple[str, Expr]]:
    """Every (identity, result) of a row of that purpose at the top of `e`."""
    rows = indexed(purpose).get(e.op.name)
    if not rows:
        return
    present = {a.op.name for a in e.args}
    for row, needed in rows:
        if needed <= present:
            for result in rewrites(row.left, row.right, e):
                yield row.name, result


def normalise(
    e: Expr,
    purpose: str,
    procedures: dict[str, tuple[Procedure, ...]],
    trace: list[Step] | None = None,
    memo: dict[Expr, Expr] | None = None,
) -> Expr:
    """Rewrite by the rows of a purpose and by named procedures, from the leaves up, until nothing applies."""
    memo = {} if memo is None else memo
    stack = [e]
    while stack:
        x = stack[-1]
        if x in memo:
            stack.pop()
            continue
        missing = [a for a in x.args if a not in memo]
        if missing:
            stack.extend(missing)
            continue
        stack.pop()
        y = rebuild(x, tuple(memo[a] for a in x.args))
        z = _top(y, purpose, procedures, trace)
        # a result has parts that are new: they are normalised in their turn
        memo[x] = z if z is y and y is x else normalise(z, purpose, procedures, trace, memo) if z is not x else x
    return memo[e]


def _top(e: Expr, purpose: str, procedures: dict[str, tuple[Procedure, ...]], trace: list[Step] | None) -> Expr:
    for _ in range(MAX_ROUNDS):
        found = next(iter(applications(e, purpose)), None) or _procedure(e, procedures)
        if found is None or found[1] is e:
            return e
        e = step(found[0], e, found[1], purpose, trace)
    return e


def _procedure(e: Expr, procedures: dict[str, tuple[Procedure, ...]]) -> tuple[str, Expr] | None:
    for name, function in procedures.get(e.op.name, ()):
        result = function(e)
        if result is not None and result is not e:
            return name, result
    return None
