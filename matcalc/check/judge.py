"""The judge: claims are compared at random points, exactly where that is possible, else at 50 digits.

A claim that fails modulo a prime is tried again at 50 digits, because a law of a function may be missing in
`prime`; what 50 digits refute is wrong. Poles and numbers without a root are drawn again. What could not be
decided is never taken to be right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import log10
from random import Random
from typing import Any, TypeVar

from matcalc.check.arithmetic import Arithmetic, Matrix, NotExact, Outside, Pole
from matcalc.check.degree import bound
from matcalc.check.evaluate import Evaluation
from matcalc.check.evidence import Evidence
from matcalc.check.prime import Modular
from matcalc.check.real import DIGITS, Digits
from matcalc.core.dims import Shape, shape_text
from matcalc.core.sample import STYLES, Condition, Sizes, declared, draw, draw_direction
from matcalc.core.tree import Expr, walk

ATTEMPTS = 60  # draws for one trial
UNLIKE = 12  # draws that insist on other sizes than the trial before
COMPARED = 6  # trials at 50 digits where the value depends on signs or on which number is larger
AGREE, DIFFER = 1e-40, 1e-12  # relative differences at 50 digits; between them the point is drawn again
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Claim:
    """Two matrices that must be equal; the texts say what is claimed and what each side is."""

    label: str
    sides: Callable[[Evaluation], tuple[Matrix, Matrix]]
    left: str = "one side"
    right: str = "the other"


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


class Undecided(Exception):
    """No point was found at which the claims can be compared; the text says why."""


def judge(task: Task, *, trials: int = 2, seed: int = 0) -> Evidence:
    """Decide whether all claims hold: exactly if possible, else at 50 digits.

    Large numbers in shapes are first replaced by small ones, each by its own; where the claims do not hold so
    (or the shapes no longer fit), the sizes as given decide.
    """
    points = Points(task, seed)
    try:
        return _smaller(points, trials) or _exact(points, trials) or _digits(points, trials)
    except Undecided as why:
        return Evidence(False, "undecided", why=str(why))


def _smaller(points: Points, trials: int) -> Evidence | None:
    """Agreement with smaller sizes than the large numbers in the shapes, if there are any."""
    if not points.large:
        return None
    points.shrink = True
    try:
        found = _exact(points, trials) or _digits(points, trials)
    except (Undecided, ValueError, LookupError, AssertionError):
        return None
    finally:
        points.shrink = False
    numbers = ", ".join(map(str, points.large))
    return replace(found, bound=f"{found.bound}; with smaller sizes for {numbers}") if found.ok else None


def shape_fault(pairs: Mapping[str, tuple[Shape, Shape]],
                conditions: tuple[Condition, ...]) -> Evidence | None:
    """The verdict where something has another shape than is needed; under conditions the values tell."""
    for what, (found, needed) in pairs.items():
        if found != needed and not conditions:
            why = f"{what} is {shape_text(found)} where {shape_text(needed)} is needed"
            return Evidence(False, "exact", why=why)
    return None


# ── random points ─────────────────────────────────────────────────────────────────────────────────────────
class Points:
    """Draws random points for a task; the same seed gives the same points."""

    def __init__(self, task: Task, seed: int) -> None:
        self.task, self.seed = task, seed
        nodes = list(walk(*task.roots, *(e for _, e in task.definitions), *(task.moving or ())))
        names = {name for name, _ in task.definitions}
        found = [e for e in nodes if e.op.name in ("var", "meta") and e not in names]
        self._variables = sorted(found, key=lambda e: e.key)
        self._sizes = Sizes(nodes, task.conditions)
        self.large, self.shrink = self._sizes.large, False
        self._before: Mapping[str, int] | None = None  # the sizes of the trial before

    def first(self, trial: int, arithmetic: Callable[[int], Arithmetic],
              look: Callable[[Evaluation], T | None]) -> tuple[T, Evaluation, int]:
        """What `look` finds at the first point where it finds something; the point, and how many were drawn.

        Raises:
            Undecided: there is no such point among the draws.
        """
        why, unlike = "", self._before if trial else None
        for attempt in range(ATTEMPTS):
            key = (self.seed * 1009 + trial) * 1009 + attempt
            try:
                E = self._evaluation(arithmetic(key), Random(key), attempt, unlike)
                found = look(E)
            except (Pole, ZeroDivisionError, OverflowError) as pole:
                why = str(pole)
                if attempt > UNLIKE or not isinstance(pole, Outside):  # these sizes may be what is wrong
                    unlike = None
                continue
            if found is not None:
                self._before = E.sizes
                return found, E, attempt + 1
            why = "the numbers lose too many digits"
        raise Undecided(f"no random point was found where all is defined ({why})")

    def _evaluation(self, K: Arithmetic, rng: Random, attempt: int,
                    unlike: Mapping[str, int] | None) -> Evaluation:
        """The values at a random point; what is tall with the sizes `unlike` is wide if possible."""
        sizes = self._sizes.draw(rng, 2 if attempt < 4 else 1, unlike=unlike, shrink=self.shrink)
        if sizes is None:
            raise Undecided("no small sizes meet the conditions on the dimensions")
        moving, point = self.task.moving, {}
        for x in self._variables:
            style = "normal" if attempt == 0 else rng.choice(STYLES)
            value = draw(x, sizes, K, rng, style)
            still = moving is not None and x not in moving
            point[x] = value if still else K.moving(value, self._direction(x, value, sizes, K, rng))
        E = Evaluation(K, sizes, point)
        for name, definition in self.task.definitions:
            E.define(name, definition)
        return E

    def _direction(self, x: Expr, value: Matrix, sizes: Mapping[str, int], K: Arithmetic,
                   rng: Random) -> Matrix:
        direction: Matrix = draw_direction(x, sizes, K, rng)
        if not self.task.free and "orth" in declared(x):  # S − XSᵀX is tangent where XᵀX = I
            back = K.product(value, K.product(direction.transposed(), value))
            return K.combine([1, -1], [direction, back])
        return direction


# ── the two methods ───────────────────────────────────────────────────────────────────────────────────────
def _exact(points: Points, trials: int) -> Evidence | None:
    """Agreement modulo a prime; None where it must be left to digits."""
    attempts: list[int] = []

    def look(E: Evaluation) -> bool:
        return all(_entries(E, left) == _entries(E, right)
                   for left, right in (claim.sides(E) for claim in points.task.claims))

    for trial in range(trials):
        try:
            equal, E, drawn = points.first(trial, Modular, look)
        except (NotExact, Undecided):
            return None
        if not equal:
            return None
        attempts.append(drawn)
    roots = (*points.task.roots, *(e for _, e in points.task.definitions))
    return Evidence(True, "exact", trials, 0.0, bound(E, roots, attempts))


def _entries(E: Evaluation, X: Matrix) -> list[Any]:
    return E.K.plain(X).entries


@dataclass(frozen=True, slots=True)
class Comparison:
    """The largest relative difference at a point, with the claim and the two numbers where it is met."""

    error: float
    claim: Claim
    left: float
    right: float


def _digits(points: Points, trials: int) -> Evidence:
    """The verdict at 50 digits."""
    K = Digits()
    worst, trial = 0.0, 0

    def look(E: Evaluation) -> Comparison | None:
        found = max((_compare(E, claim) for claim in points.task.claims), key=lambda c: c.error)
        return None if AGREE < found.error < DIFFER else found

    while trial < (max(trials, COMPARED) if K.compared else trials):
        found, E, _ = points.first(trial, lambda _: K, look)
        trial += 1
        if found.error >= DIFFER:
            return Evidence(False, "50 digits", trial, found.error, why=_explain(found, E.sizes))
        worst = max(worst, found.error)
    digits = DIGITS if worst < 10 ** -DIGITS else int(-log10(worst))
    return Evidence(True, "50 digits", trial, worst, f"equal to {digits} digits at {trial} random points")


def _compare(E: Evaluation, claim: Claim) -> Comparison:
    left, right = (_entries(E, X) for X in claim.sides(E))
    gaps = [abs(a - b) for a, b in zip(left, right, strict=True)]
    k = max(range(len(gaps)), key=gaps.__getitem__)
    return Comparison(difference(left, right), claim, float(left[k]), float(right[k]))


def difference(left: Iterable[Any], right: Iterable[Any], floor: float = 1e-20) -> float:
    """The largest difference, relative to the largest number met (to `floor` if that is larger)."""
    pairs = list(zip(left, right, strict=True))
    largest = max((max(abs(a), abs(b)) for a, b in pairs), default=0)
    gap = max((abs(a - b) for a, b in pairs), default=0)
    return float(gap / max(largest, floor)) if gap else 0.0


def _explain(found: Comparison, sizes: Mapping[str, int]) -> str:
    """The claim in numbers: the entry with the largest difference."""
    given = ", ".join(f"{name} = {value}" for name, value in sorted(sizes.items()))
    where = f"at a random point with {given}" if given else "at a random point"
    claim = found.claim
    return f"{claim.label}: {where} {claim.left} is {found.left:.6g}, {claim.right} is {found.right:.6g}"
