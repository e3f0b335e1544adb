"""A step: one named identity, what it was applied to, what came out. Made in this module only."""

from __future__ import annotations

from dataclasses import dataclass

from matcalc.core.tree import Expr


@dataclass(frozen=True, slots=True)
class Step:
    """before = after by the identity of that name; `phase` is where at the blackboard it happens."""

    identity: str
    before: Expr
    after: Expr
    phase: str


def step(identity: str, before: Expr, after: Expr, phase: str, trace: list[Step] | None) -> Expr:
    """Note a move (where someone listens) and return its result."""
    if trace is not None and before is not after:
        trace.append(Step(identity, before, after, phase))
    return after
