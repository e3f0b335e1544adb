"""The judge: claims are compared at random points, exactly where that is possible, else at 50 digits.

A claim modulo a prime that fails is tried again at 50 digits, because a law of a function may be missing in
`prime`; what 50 digits refute is wrong. Poles and numbers without a root are drawn again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from matcalc.check.arithmetic import Arithmetic, Matrix, NotExact, Pole
from matcalc.check.degree import bound
from matcalc.check.evaluate import Evaluation
from matcalc.check.evidence import Evidence
from matcalc.check.prime import Modular
from matcalc.check.real import Digits
from matcalc.core.sample import STYLES, Condition, Sizes, declared, draw, draw_direction
from matcalc.core.tree import Expr, walk

ATTEMPTS = 60  # draws for one trial
AGREE, DIFFER = 1e-40, 1e-12  # relative differences at 50 digits; between them nothing is decided


@dataclass(frozen=True, slots=True)
class Claim:
    """Two matrices that must be equal; `label` names the claim where it fails."""

    label: str
    sides: Callable[[Evaluation], tuple[Matrix, Matrix]]


@dataclass(frozen=True, slots=True)
class Task:
    """Claims about expressions, and how the point is drawn.

    `moving` are the variables with a direction (None: all); `definitions` give names a value, in order;
    `free` directions ignore that a matrix is declared orthogonal.
    """

    claims: tuple[Claim, ...]
    roots: tuple[Expr, ...]
    moving: frozenset[Expr] | None = None
    definitions: tuple[tuple[Expr, Expr], ...] = ()
    conditions: tuple[Condition, ...] = ()
    free: bool = True


@dataclass(frozen=True, slots=True)
class Failure:
    """A claim that does not hold: the sizes, and both sides."""

    claim: Claim
    sizes: Mapping[str, int]
    left: Matrix
    right: Matrix


class Sampler:
    """Draws random points for a task."""

    def __init__(self, task: Task) -> None:
        self.task = task
        nodes = list(walk(*task.roots, *(e for _, e in task.definitions), *(task.moving or ())))
        names = {name for name, _ in task.definitions}
        found = [e for e in nodes if e.op.name in ("var", "meta") and e not in names]
        self.variables = sorted(found, key=lambda e: e.key)
        self._sizes = Sizes(nodes, task.conditions)

    def evaluation(self, K: Arithmetic, rng: Random, attempt: int) -> Evaluation | None:
        """The values at a random point; None where no sizes meet the conditions."""
        sizes = self._sizes.draw(rng, 2 if attempt < 4 else 1)
        if sizes is None:
            return None
        point = {}
        for x in self.variables:
            style = "normal" if attempt == 0 else rng.choice(STYLES)
            point[x] = value = draw(x, sizes, K, rng, style)
            if self.task.moving is None or x in self.task.moving:
                point[x] = K.moving(value, self._direction(x, value, sizes, K, rng))
        E = Evaluation(K, sizes, point)
        for name, definition in self.task.definitions:
            E.define(name, definition)
        return E

    def _direction(self, x: Expr, value: Matrix, sizes: Mapping[str, int], K: Arithmetic, rng: Random) -> Matrix:
        direction: Matrix = draw_direction(x, sizes, K, rng)
        if not self.task.free and "orth" in declared(x):
            skew = K.combine([1, -1], [direction, direction.transposed()])
            return K.product(value, skew)
        return direction


def judge(task: Task, *, trials: int = 2, seed: int = 0) -> Evidence:
    """Decide whether all claims hold: exactly if possible, else at 50 digits."""
    sampler = Sampler(task)
    evidence = _exact(sampler, trials, seed)
    return evidence if evidence is not None else _digits(sampler, trials, seed)


def _exact(sampler: Sampler, trials: int, seed: int) -> Evidence | None:
    """The verdict modulo a prime, None where it must be left to digits."""
    attempts: list[int] = []
    for trial in range(trials):
        for attempt in range(ATTEMPTS):
            key = (seed * 1009 + trial) * 1009 + attempt
            K = Modular(key)
            try:
                E = sampler.evaluation(K, Random(key), attempt + trial)
                if E is None:
                    return Evidence(False, "undecided", why="no small sizes meet the conditions on the dimensions")
                for claim in sampler.task.claims:
                    left, right = claim.sides(E)
                    if K.plain(left).entries != K.plain(right).entries:
                        return None
                attempts.append(attempt + 1)
                break
            except Pole:
                continue
            except NotExact:
                return None
        else:
            return None
    roots = (*sampler.task.roots, *(e for _, e in sampler.task.definitions))
    return Evidence(True, "exact", trials, 0.0, bound(E, roots, attempts))


def _digits(sampler: Sampler, trials: int, seed: int) -> Evidence:
    """The verdict at 50 digits."""
    K = Digits()
    worst = 0.0
    for trial in range(trials):
        why = ""
        for attempt in range(ATTEMPTS):
            key = (seed * 1009 + trial) * 1009 + attempt
            try:
                E = sampler.evaluation(K, Random(key), attempt)
                if E is None:
                    return Evidence(False, "undecided", why="no small sizes meet the conditions on the dimensions")
                error, failure = _compare(sampler.task, E)
            except (Pole, ZeroDivisionError, OverflowError) as pole:
                why = str(pole)
                continue
            if error > DIFFER and failure is not None:
                return Evidence(False, "50 digits", trial + 1, error, why=_explain(failure, E))
            if error <= AGREE:
                worst = max(worst, error)
                break
            why = "the numbers lose too many digits"
        else:
            return Evidence(False, "undecided", why=f"no random point was found where all is defined ({why})")
    return Evidence(True, "50 digits", trials, worst, f"equal to {_matching(worst)} digits at {trials} random points")


def _matching(error: float) -> int:
    from math import log10

    return 50 if error < 1e-50 else int(-log10(error))


def _compare(task: Task, E: Evaluation) -> tuple[float, Failure | None]:
    """The largest relative difference, and the claim where it is met."""
    worst, failure = 0.0, None
    for claim in task.claims:
        left, right = claim.sides(E)
        left, right = E.K.plain(left), E.K.plain(right)
        error = difference(left.entries, right.entries)
        if error > worst or failure is None:
            worst, failure = error, Failure(claim, E.sizes, left, right)
    return worst, failure


def difference(left: Iterable[Any], right: Iterable[Any], floor: float = 1e-20) -> float:
    """The largest difference relative to the largest number on either side (or to `floor`, where all are smaller)."""
    pairs = list(zip(left, right, strict=True))
    largest = max((max(abs(a), abs(b)) for a, b in pairs), default=0)
    gap = max((abs(a - b) for a, b in pairs), default=0)
    return float(gap / max(largest, floor)) if gap else 0.0


def _explain(failure: Failure, E: Evaluation) -> str:
    """The claim in numbers: the entry with the largest difference."""
    pairs = list(zip(failure.left.entries, failure.right.entries, strict=True))
    k = max(range(len(pairs)), key=lambda i: abs(pairs[i][0] - pairs[i][1]))
    a, b = (float(x) for x in pairs[k])
    sizes = ", ".join(f"{name} = {value}" for name, value in sorted(failure.sizes.items()))
    where = f"at a random point with {sizes}" if sizes else "at a random point"
    return f"{failure.claim.label}: {where} it is {a:.6g} on one side and {b:.6g} on the other"
