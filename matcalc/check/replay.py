"""The replay of a derivation: every line and every step is compared by value with what it claims to equal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from matcalc.check.equal import equal
from matcalc.check.evidence import Evidence
from matcalc.check.gradient import gradient_claims
from matcalc.check.jacobian import jacobian_claim
from matcalc.check.judge import Claim, Task, judge
from matcalc.core.sample import Condition
from matcalc.core.tree import Expr

if TYPE_CHECKING:
    from matcalc.derive.blackboard import Derivation


def replay(derivation: Derivation, *, conditions: Iterable[Condition] = (), trials: int = 2,
           seed: int = 0) -> Evidence:
    """Whether every line has the value that it states, every step that of its result, and the answers are right.

    The names that the derivation introduces have the values of their definitions.
    """
    conditions = tuple(conditions)
    own = judge(_task(derivation, conditions), trials=trials, seed=seed)
    if derivation.before is None or not own.ok:
        return own
    first = replay(derivation.before, conditions=conditions, trials=trials, seed=seed)
    return min(first, own, key=lambda e: (e.ok, e.decided, e.method == "exact"))


def _task(d: Derivation, conditions: tuple[Condition, ...]) -> Task:
    """The claims of the lines of one derivation, in which its variables move and nothing else."""
    gradients, jacobians = dict(d.gradients), dict(d.jacobians)
    claims: list[Claim] = []
    roots: list[Expr] = [d.objective, *gradients.values(), *jacobians.values()]
    for number, line in enumerate(d.own, len(d.lines) - len(d.own) + 1):
        said = [(line.left, line.equals, line.value)] if line.equals is not None else []
        for what, left, right in (*said, *((s.identity, s.before, s.after) for s in line.steps)):
            claims.append(Claim(f"line {number} ({what})", equal(left, right)))
            roots += [left, right]
    if gradients:
        claims += gradient_claims(d.objective, gradients)
    if jacobians:
        claims.append(jacobian_claim(d.objective, jacobians))
    definitions = (*d.directions, *zip(d.names.leaves, d.names.definitions, strict=True))
    return Task(tuple(claims), tuple(roots), frozenset(d.wrt), definitions, conditions, free=False)
