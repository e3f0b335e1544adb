"""One random point in floats at which many candidates are compared with the truth: what differs there is not it.

All candidates share what is evaluated, so that one more costs little. Agreement is no verdict: it is judged again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matcalc.check.arithmetic import Entry, Matrix, NotExact, Pole
from matcalc.check.evaluate import Evaluation
from matcalc.check.judge import Points, Undecided
from matcalc.check.real import Floats
from matcalc.check.written.assuming import Pair
from matcalc.check.written.bench import Bench, Side
from matcalc.core.tree import Expr

CLOSE = 1e-6  # relative


@dataclass(slots=True)
class Screen:
    """The value of the truth at a point where `moving` move; `facts` replace variables."""

    point: Evaluation
    truth: Matrix
    moving: frozenset[Expr]
    facts: Mapping[Expr, Expr]

    def may_be(self, side: Side, moving: Iterable[Expr]) -> bool:
        """Whether a side may equal the truth; yes where that cannot be told here."""
        if frozenset(moving) != self.moving:
            return True
        try:
            value = self.point.K.plain(side.value(self.point, self.facts))
        except (Pole, NotExact, ArithmeticError, ValueError, LookupError, AssertionError):
            return True
        return (value.m, value.n) == (self.truth.m, self.truth.n) and _close(value.entries, self.truth.entries)


def screen(pair: Pair, bench: Bench, facts: Mapping[Expr, Expr]) -> Screen | None:
    """The screen for a comparison, None where the truth cannot be had in floats."""
    truth, claim, moving = pair
    everything = Side(claim.value, (*claim.roots, *bench.book.known.values(), *bench.book.names.values()))
    task = bench.task(truth, everything, moving, facts)
    by = {x: y for x, y in facts.items() if x is not y}
    try:
        value, E, _ = Points(task, bench.seed).first(0, lambda _: Floats(), lambda E: E.K.plain(truth.value(E, by)))
    except (NotExact, Undecided, ArithmeticError, ValueError, LookupError, AssertionError):
        return None
    return Screen(E, value, frozenset(moving), by)


def _close(left: list[Entry], right: list[Entry]) -> bool:
    largest = max((abs(x) for x in (*left, *right)), default=0.0)
    return all(abs(a - b) <= CLOSE * largest for a, b in zip(left, right, strict=True))
