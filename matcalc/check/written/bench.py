"""The bench on which lines of a derivation are compared: exact values of both sides on dual numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice, product

from matcalc.check.arithmetic import Matrix, NotExact
from matcalc.check.evaluate import Evaluation, free_indices
from matcalc.check.evidence import Evidence
from matcalc.check.judge import Claim, Points, Task, Undecided, judge
from matcalc.check.prime import Modular
from matcalc.core.algebra import VAR, var
from matcalc.core.sample import Condition
from matcalc.core.tree import Expr, substitute, walk
from matcalc.notation.written.book import Book

MAX_POINTS = 16  # values of free indices that are compared at one random point
Value = Callable[[Evaluation], Matrix]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: how its value is found, the expressions it is made of, and the point it is taken at."""

    value: Callable[[Evaluation, Mapping[Expr, Expr]], Matrix]
    roots: tuple[Expr, ...]
    point: Callable[[Evaluation, Mapping[Expr, Expr]], Evaluation] | None = None


def plain(e: Expr) -> Side:
    """The value of an expression; differentials in it are derivatives along the direction."""
    return Side(lambda E, by: E(_by(e, by)), (e,))


def zero() -> Side:
    """The number 0."""
    return Side(lambda E, by: Matrix(1, 1, [E.K.zero]), ())


def slope(e: Expr) -> Side:
    """The derivative of an expression along the direction."""

    def value(E: Evaluation, by: Mapping[Expr, Expr]) -> Matrix:
        X = E(_by(e, by))
        return Matrix(X.m, X.n, [E.K.tangent(x) for x in X.entries])

    return Side(value, (e,))


def along(G: Expr, x: Expr, flipped: bool = False) -> Side:
    """G:dx, or Gᵀ:dx."""

    def value(E: Evaluation, by: Mapping[Expr, Expr]) -> Matrix:
        K = E.K
        g = K.plain(E(_by(G, by)))
        g = g.transposed() if flipped else g
        dx = [K.tangent(a) for a in E(_by(x, by)).entries]
        if len(dx) != len(g.entries):
            return Matrix(2, 1, [K.zero, K.one])
        return Matrix(1, 1, [K.sum(a * b for a, b in zip(g.entries, dx, strict=True))])

    return Side(value, (G, x))


def jacobian_along(J: Expr, x: Expr, flipped: bool = False) -> Side:
    """J vec(dx)."""

    def value(E: Evaluation, by: Mapping[Expr, Expr]) -> Matrix:
        K = E.K
        j = K.plain(E(_by(J, by)))
        j = j.transposed() if flipped else j
        X = E(_by(x, by))
        dx = [K.tangent(a) for a in X.transposed().entries]
        return K.product(j, Matrix(len(dx), 1, dx))

    return Side(value, (J, x))


def vec_slope(F: Expr) -> Side:
    """vec(dF)."""

    def value(E: Evaluation, by: Mapping[Expr, Expr]) -> Matrix:
        X = E(_by(F, by))
        return Matrix(X.m * X.n, 1, [E.K.tangent(a) for a in X.transposed().entries])

    return Side(value, (F,))


def _by(e: Expr, by: Mapping[Expr, Expr]) -> Expr:
    return substitute(e, dict(by)) if by else e


@dataclass(slots=True)
class Bench:
    """Compares sides over the names of a book; `wanted` are the variables that the text differentiates in."""

    book: Book
    seed: int = 0
    wanted: frozenset[Expr] = frozenset()
    tried: int = 0  # expressions made in the search for identities
    edits: int = 0  # corrections that were tried
    rewritten: dict[Expr, list[tuple[str, Expr]]] = field(default_factory=dict)  # by one identity at the top

    def conditions(self) -> tuple[Condition, ...]:
        """The conditions on dimensions."""
        return self.book.reading.conditions if self.book.reading is not None else ()

    def compare(
        self,
        a: Side,
        b: Side,
        moving: Iterable[Expr] = (),
        *,
        facts: Mapping[Expr, Expr] | None = None,
        trials: int = 2,
    ) -> Evidence:
        """Whether two sides are equal at random points."""
        try:
            return judge(self.task(a, b, moving, facts or {}), trials=trials, seed=self.seed)
        except (ValueError, LookupError, AssertionError):
            return Evidence(False, "undecided", why="the shapes do not go together at the sizes that were tried")

    def quick(
        self,
        a: Side,
        b: Side,
        moving: Iterable[Expr] = (),
        *,
        facts: Mapping[Expr, Expr] | None = None,
        trials: int = 1,
    ) -> bool:
        """The same without digits where the numbers are exact: for trying many things."""
        task = self.task(a, b, moving, facts or {})
        points = Points(task, self.seed)
        claim = task.claims[0]

        def look(E: Evaluation) -> bool:
            left, right = claim.sides(E)
            return (left.m, left.n) == (right.m, right.n) and E.K.plain(left).entries == E.K.plain(right).entries

        try:
            return all(points.first(t, Modular, look)[0] for t in range(trials))
        except NotExact:
            return judge(task, trials=1, seed=self.seed).ok
        except (Undecided, ValueError, LookupError, AssertionError):
            return False

    def task(self, a: Side, b: Side, moving: Iterable[Expr], facts: Mapping[Expr, Expr]) -> Task:
        """The comparison as a task for the judge."""
        by = {x: y for x, y in facts.items() if x is not y}
        roots = tuple(_by(e, by) for e in (*a.roots, *b.roots))
        used = set(walk(*roots))
        definitions = tuple((_by(n, by), _by(v, by)) for n, v in self.book.values.items() if _by(n, by) in used)

        free = free_units(roots)

        def sides(E: Evaluation) -> tuple[Matrix, Matrix]:
            pairs = [(E.K.plain(a.value(F, by)), E.K.plain(b.value(F, by))) for F in _at_all(E, free, roots)]
            left, right = pairs[0] if len(pairs) == 1 else (_stacked([p[i] for p in pairs]) for i in (0, 1))
            if (left.m, left.n) != (right.m, right.n):
                return Matrix(1, 1, [E.K.zero]), Matrix(1, 1, [E.K.one])
            return left, right

        return Task(
            (Claim("the line", sides, "one side", "the other"),),
            roots,
            frozenset(_by(x, by) for x in moving),
            definitions,
            self.conditions(),
            free=False,
        )

    def moving(self, *exprs: Expr) -> frozenset[Expr]:
        """The variables whose differential stands in expressions, directly or through a defined name."""
        return self.variables(*(a for e in walk(*exprs) if e.op.name == "d" for a in e.args))

    def variables(self, *exprs: Expr) -> frozenset[Expr]:
        """The variables below expressions, those inside defined names included."""
        out: set[Expr] = set()
        for e in walk(*exprs):
            if e.op is VAR:
                value = self.book.values.get(e)
                out |= self.variables(value) if value is not None else {e}
        return frozenset(out)


def free_units(roots: tuple[Expr, ...]) -> dict[str, list[Expr]]:
    """The unit vectors below roots whose index no sum binds, by index."""
    done: dict[Expr, frozenset[str]] = {}
    out: dict[str, list[Expr]] = {}
    for root in roots:
        free_indices(root, done)
        for e in walk(root) if done[root] else ():
            if e.op.name == "unit" and e.attrs[0] in done[root]:
                out.setdefault(str(e.attrs[0]), []).append(e)
    return out


def _at_all(E: Evaluation, free: Mapping[str, list[Expr]], roots: tuple[Expr, ...]) -> list[Evaluation]:
    """A point for all values of the free indices (for the first few)."""
    if not free:
        return [E]
    ranges = [range(1, 1 + min(E.shape(e)[0] for e in units)) for units in free.values()]
    return [E.at(dict(zip(free, chosen, strict=True)), *roots) for chosen in islice(product(*ranges), MAX_POINTS)]


def _stacked(parts: list[Matrix]) -> Matrix:
    entries = [x for X in parts for x in X.entries]
    return Matrix(len(entries), 1, entries)


def with_fact(x: Expr, fact: str) -> Expr:
    """The variable with one more fact."""
    return var(str(x.attrs[0]), x.shape, frozenset((*x.attrs[1], fact)))


__all__ = ["Bench", "Side", "along", "jacobian_along", "plain", "slope", "vec_slope", "with_fact", "zero"]
