"""Counterexamples that a person can follow by hand: small integers at which two sides differ, both evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

from matcalc.check.arithmetic import Arithmetic, Entry, Matrix, NotExact, Pole
from matcalc.check.evaluate import Evaluation
from matcalc.check.judge import Task
from matcalc.check.real import Dual, Floats, Real
from matcalc.check.written.assuming import Pair
from matcalc.check.written.bench import Bench, Side
from matcalc.check.written.truth import Truth
from matcalc.core.sample import Sizes, draw, draw_direction
from matcalc.core.tree import Expr, walk
from matcalc.notation.printing.spelling import NOTATIONS

ATTEMPTS = 10  # draws for each choice of sizes
CHOICES = 24  # choices of sizes
ENTRIES = (1, 2, 0, -1, 1, 3, 2, -2)


class Rationals(Real):
    """Fractions with dual numbers, drawn as small integers; functions that are not rational raise `NotExact`."""

    zero, one, half, tiny = Fraction(0), Fraction(1), Fraction(1, 2), Fraction(0)

    def number(self, q: int | Fraction) -> Entry:
        """The fraction itself."""
        return Fraction(q)

    def convert(self, x: float) -> Entry:
        """No float is needed."""
        raise NotExact("a float")

    def constant(self, symbol: str) -> Entry:
        """No constant of the language is rational."""
        raise NotExact(symbol)

    def over(self, a: Entry, b: Entry) -> Entry:
        """The quotient."""
        if not b:
            raise Pole("a division by 0")
        return Fraction(a) / Fraction(b)

    def root(self, a: Entry, q: int | Fraction) -> Entry:
        """Whole powers alone."""
        if q != int(q):
            raise NotExact("a root")
        if not a and q < 0:
            raise Pole("a power of 0")
        return Fraction(a) ** int(q)

    def primitive(self, name: str, a: Entry, *more: Any) -> Entry:
        """No function but those of comparison is rational."""
        if name == "step":
            return self.one if a > 0 else self.zero
        raise NotExact(name)

    def matrix_function(self, name: str, X: Matrix) -> Matrix:
        """No exponential, logarithm or root is rational; a series of fractions would not end."""
        raise NotExact(name)

    def eigenvalues(self, X: Matrix) -> list[Entry]:
        """Roots of polynomials."""
        raise NotExact("an eigenvalue")

    def random(self, rng: Random, style: str) -> Entry:
        """A small integer, positive where that is asked for."""
        x = rng.choice(ENTRIES)
        return Fraction(abs(x) or 1 if style == "positive" else x)


class SmallFloats(Floats):
    """Floats drawn as small integers, for functions that are not rational."""

    def random(self, rng: Random, style: str) -> Entry:
        """A small integer, positive where that is asked for."""
        x = rng.choice(ENTRIES)
        return float(abs(x) or 1 if style == "positive" else x)


@dataclass(frozen=True, slots=True)
class Example:
    """Values of the variables, and the two sides there."""

    given: tuple[tuple[str, str], ...]
    truth: str
    claim: str

    def text(self, what: str, closes: bool = False) -> str:
        """The example in words."""
        values = ", ".join(f"{name} = {value}" for name, value in self.given)
        if closes:
            return f"for {values}: at that {what} the derivative of the function along d{what} is {self.truth}, not 0"
        return f"for {values}: {what} is {self.truth}, the line gives {self.claim}"


def example(pair: Pair, truth: Truth, bench: Bench, facts: Mapping[Expr, Expr] | None = None) -> Example | None:
    """The smallest integers found at which a claim differs from the truth, None where none was found."""
    a, b, moving = pair
    task = bench.task(a, b, moving, facts or {})
    for K in (Rationals(), SmallFloats()):
        try:
            found = _search(task, truth, K, a)
        except (NotExact, KeyError):
            continue
        if found is not None:
            return found
    return None


def _search(task: Task, truth: Truth, K: Arithmetic, side: Side) -> Example | None:
    nodes = list(walk(*task.roots, *(v for _, v in task.definitions), *(task.moving or ())))
    names = {name for name, _ in task.definitions}
    variables = sorted((x for x in nodes if x.op.name == "var" and x not in names), key=lambda x: str(x.attrs[0]))
    rng = Random(7)
    for sizes in _sizes(nodes, task):
        for _ in range(ATTEMPTS):
            try:
                E = _evaluation(task, variables, sizes, K, rng)
                left, right = task.claims[0].sides(E)
                if _differ(left.entries, right.entries):
                    there = side.point(E, {}) if side.point is not None else E
                    return _told(task, truth, E, there, variables)
            except (Pole, ZeroDivisionError, OverflowError, ValueError):
                continue
    return None


def _sizes(nodes: list[Expr], task: Task) -> Iterator[dict[str, int]]:
    """Choices of sizes, small ones first."""
    sizes = Sizes(nodes, task.conditions)
    names = sizes.names
    count = 0
    for values in sorted(product((1, 2, 3), repeat=len(names)), key=lambda v: (sum(v), v)) if len(names) < 6 else ():
        chosen = dict(zip(names, values, strict=True))
        if sizes.holds(chosen):
            count += 1
            yield chosen
        if count >= CHOICES:
            return
    for seed in range(4):
        found = sizes.draw(Random(seed), 1)
        if found is not None:
            yield found


def _evaluation(task: Task, variables: list[Expr], sizes: Mapping[str, int], K: Arithmetic, rng: Random) -> Evaluation:
    point: dict[Expr, Matrix] = {}
    for x in variables:
        value = draw(x, sizes, K, rng)
        if task.moving and x in task.moving:
            moves = draw_direction(x, sizes, K, rng)
            value = Matrix(value.m, value.n, [Dual(p, q) for p, q in zip(value.entries, moves.entries, strict=True)])
        point[x] = value
    E = Evaluation(K, sizes, point)
    for name, definition in task.definitions:
        E.define(name, definition)
    return E


def _differ(left: list[Entry], right: list[Entry]) -> bool:
    return any(abs(a - b) > 1e-6 * max(1, abs(a), abs(b)) for a, b in zip(left, right, strict=True))


def _told(task: Task, truth: Truth, E: Evaluation, there: Evaluation, variables: list[Expr]) -> Example:
    """The example in texts; a gradient is given entry by entry."""
    n = NOTATIONS["unicode"]
    given: list[tuple[str, str]] = []
    gradient = truth.kind == "gradient" and truth.by in variables and truth.function is not None
    for x in variables:
        if truth.kind == "closing" and x is truth.by:
            continue
        value = there(x)
        name = n.variable(str(x.attrs[0]))
        given.append((name, shown(E.K.plain(value))))
        if task.moving and x in task.moving and not gradient:
            given.append(("d" + name, shown(Matrix(value.m, value.n, [E.K.tangent(a) for a in value.entries]))))
    if gradient:
        claim = E.K.plain(E(task.roots[1]))
        return Example(tuple(given), shown(_gradient(task, truth, E, variables)), shown(claim))
    left, right = task.claims[0].sides(E)
    return Example(tuple(given), shown(left), shown(right))


def _gradient(task: Task, truth: Truth, E: Evaluation, variables: list[Expr]) -> Matrix:
    """The derivatives of the function along every entry of the variable."""
    x = truth.by
    assert x is not None
    value = E.K.plain(E(x))
    entries = []
    for k in range(len(value.entries)):
        moved = [Dual(a, E.K.one if i == k else E.K.zero) for i, a in enumerate(value.entries)]
        point = {v: E.K.plain(E(v)) for v in variables} | {x: Matrix(value.m, value.n, moved)}
        inner = Evaluation(E.K, E.sizes, point)
        for name, definition in task.definitions:
            inner.define(name, definition)
        entries.append(E.K.tangent(inner(task.roots[0]).entries[0]))
    out = Matrix(value.m, value.n, entries)
    return out.transposed() if truth.flipped else out


# ── numbers as text ───────────────────────────────────────────────────────────────────────────────────────
def shown(X: Matrix) -> str:
    """A matrix as people write it: 3, (1, 2), [[1, 2], [0, 1]].

    >>> shown(Matrix(2, 2, [1, 2, 0, 1])), shown(Matrix(2, 1, [1, Fraction(3, 2)]))
    ('[[1, 2], [0, 1]]', '(1, 3/2)')
    """
    if X.m == X.n == 1:
        return _number(X.entries[0])
    if X.n == 1:
        return f"({', '.join(map(_number, X.entries))})"
    return f"[{', '.join(f'[{_row(row)}]' for row in X.rows())}]"


def _row(row: Iterable[Entry]) -> str:
    return ", ".join(map(_number, row))


def _number(x: Entry) -> str:
    if isinstance(x, Dual):
        x = x.a
    text = f"{float(x):.4g}" if isinstance(x, float) else str(Fraction(x))
    return text.replace("-", "−")
