"""Claims that two functions are least at the same place: shown by their gradients, refuted by minimising both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from random import Random

from matcalc.check.arithmetic import Arithmetic, Matrix, NotExact, Pole
from matcalc.check.evaluate import Evaluation
from matcalc.check.evidence import Evidence
from matcalc.check.real import Digits, Dual
from matcalc.check.written.bench import Bench
from matcalc.check.written.data import Data, sizes_of
from matcalc.check.written.small import SmallFloats, shown
from matcalc.core.dims import Shape
from matcalc.core.sample import draw
from matcalc.core.sample import size as dimension
from matcalc.core.tree import Expr

POINTS, STARTS, STEPS = 4, 5, 300
PARALLEL, CLEAR, LOWER, FLAT = 1e-30, 0.05, 1e-6, 1e-11
Place = dict[Expr, Matrix]


@dataclass(frozen=True, slots=True)
class Least:
    """Two functions of the same unknowns; `data` are the numbers that the text gives."""

    left: Expr
    right: Expr
    unknowns: tuple[Expr, ...]
    bench: Bench
    data: Data

    def shown(self) -> Evidence | None:
        """That both gradients point the same way everywhere, None where they do not."""
        K = Digits()
        for trial in range(POINTS):
            try:
                E = self._evaluation(self._sizes(trial), K, Random(trial))
                u, v = (self._slopes(f, E) for f in (self.left, self.right))
            except (Pole, NotExact, ArithmeticError, ValueError, LookupError):
                return None
            scale = max(map(abs, (*u, *v)), default=0)
            crossed = [a * d - b * c for a, c in zip(u, v, strict=True) for b, d in zip(u, v, strict=True)]
            if any(abs(x) > PARALLEL * scale * scale for x in crossed) or sum(map(_times, u, v)) < 0:
                return None
        return Evidence(True, "50 digits", POINTS, 0.0, f"both gradients are parallel at {POINTS} random points")

    def refuted(self) -> str:
        """Numbers at which both sides are least at different places; "" where none are found."""
        for gap, attempt in product((CLEAR, LOWER), range(POINTS)):
            try:
                sizes = self._sizes(attempt)
                E = self._evaluation(sizes, SmallFloats(), Random(attempt))
                found = self._compared(E, attempt, gap)
            except (Pole, NotExact, ArithmeticError, ValueError, LookupError):
                continue
            if found:
                return found
        return ""

    # ── the comparison at one choice of numbers ───────────────────────────────────────────────────────────
    def _compared(self, E: Evaluation, attempt: int, gap: float) -> str:
        starts = [self._unknown(E, Random(100 * attempt + k)) for k in range(STARTS)]
        theirs = min((minimum(self.right, s, E) for s in starts), key=lambda s: value(self.right, s, E))
        there = value(self.left, theirs, E)
        ours = [minimum(self.left, s, E) for s in (theirs, *starts)]
        best = min((*self._simple(E), *ours), key=lambda s: (round(value(self.left, s, E), 9), s in ours))
        least = value(self.left, best, E)
        if there - least <= gap * (1 + abs(least)):
            return ""
        given = {x: X for x, X in E.point.items() if x not in self.unknowns}
        return (
            f"for {_told(given)}: the right side is least at {_told(theirs)}, where the left one is {_number(there)}; "
            f"but at {_told(best)} that is {_number(least)}"
        )

    def _simple(self, E: Evaluation) -> Iterator[Place]:
        """The numbers that the text gives for the unknowns, and those with a slip undone."""
        for data in (self.data, *(other for _, _, other in self.data.changed())):
            if data.covers(frozenset(self.unknowns)):
                made = {x: data.given[str(x.attrs[0])].matrix for x in self.unknowns}
                if all((m.m, m.n) == E.shape(x) for x, m in made.items()):
                    yield {x: Matrix(m.m, m.n, [float(a) for a in m.entries]) for x, m in made.items()}

    def _variables(self) -> frozenset[Expr]:
        return self.bench.variables(self.left, self.right) | frozenset(self.unknowns)

    def _sizes(self, attempt: int) -> dict[str, int]:
        """Dimensions that fit the data; those that it leaves open are small."""
        known = {x: self.data.given[str(x.attrs[0])] for x in self._variables() if str(x.attrs[0]) in self.data.given}
        shapes = {x: (g.matrix.m, g.matrix.n) for x, g in known.items()}
        names = sorted({n for x in self._variables() for d in x.shape for n in d.names})
        for values in sorted(product((2, 3, 1), repeat=len(names)), key=lambda v: (v.count(1), sum(v)))[attempt:]:
            sizes = dict(zip(names, values, strict=True))
            fixed = sizes_of(shapes) or {}
            if all(_fits(x.shape, s, {**sizes, **fixed}) for x, s in shapes.items()):
                return {**sizes, **fixed}
        raise ValueError("no sizes fit")

    def _evaluation(self, sizes: Mapping[str, int], K: Arithmetic, rng: Random) -> Evaluation:
        point: Place = {}
        for x in sorted(self._variables(), key=lambda x: str(x.attrs[0])):
            given = self.data.given.get(str(x.attrs[0]))
            value = draw(x, sizes, K, rng) if given is None or x in self.unknowns else given.matrix
            point[x] = value if given is None or x in self.unknowns else _numbers(value, K)
        return self._at(Evaluation(K, sizes, point))

    def _at(self, E: Evaluation) -> Evaluation:
        for name, definition in self.bench.book.values.items():
            if self.bench.variables(definition) <= self._variables():
                E.define(name, definition)
        return E

    def _unknown(self, E: Evaluation, rng: Random) -> Place:
        return {x: draw(x, E.sizes, E.K, rng) for x in self.unknowns}

    def _slopes(self, f: Expr, E: Evaluation) -> list[float]:
        return gradient_at(f, {x: E.point[x] for x in self.unknowns}, E)


def _times(a: float, b: float) -> float:
    return a * b


def _fits(shape: Shape, size: tuple[int, int], sizes: Mapping[str, int]) -> bool:
    return all(dimension(d, sizes) == k for d, k in zip(shape, size, strict=True))


def _numbers(X: Matrix, K: Arithmetic) -> Matrix:
    return Matrix(X.m, X.n, [K.number(x) for x in X.entries])


# ── minimising ────────────────────────────────────────────────────────────────────────────────────────────
def value(f: Expr, place: Place, E: Evaluation) -> float:
    """The function at a place; everything else as in `E`."""
    return float(Evaluation(E.K, E.sizes, {**E.point, **place})(f).entries[0])


def gradient_at(f: Expr, place: Place, E: Evaluation) -> list[float]:
    """The derivatives along every entry of the unknowns."""
    K, out = E.K, []
    for x, X in place.items():
        for k in range(len(X.entries)):
            moved = [Dual(a, K.one if i == k else K.zero) for i, a in enumerate(X.entries)]
            point = {**E.point, **place, x: Matrix(X.m, X.n, moved)}
            out.append(K.tangent(Evaluation(K, E.sizes, point)(f).entries[0]))
    return out


def minimum(f: Expr, start: Place, E: Evaluation) -> Place:
    """A place where a function is least nearby: quasi-Newton steps (BFGS) with halving."""
    place, n = start, sum(len(X.entries) for X in start.values())
    H = [[float(i == j) for j in range(n)] for i in range(n)]
    f0, g = value(f, place, E), gradient_at(f, place, E)
    for _ in range(STEPS):
        step = [-sum(map(_times, row, g)) for row in H]
        slope = sum(map(_times, step, g))
        if slope >= 0:
            H = [[float(i == j) for j in range(n)] for i in range(n)]
            step, slope = [-x for x in g], -sum(map(_times, g, g))
        if -slope < FLAT * FLAT:
            break
        t = 1.0
        while (f1 := value(f, new := _moved(place, step, t), E)) > f0 + 1e-4 * t * slope and t > FLAT:
            t /= 2
        if t <= FLAT:
            break
        g1 = gradient_at(f, new, E)
        _update(H, [t * s for s in step], [a - b for a, b in zip(g1, g, strict=True)])
        place, f0, g = new, f1, g1
    return place


def _moved(place: Place, step: list[float], t: float) -> Place:
    out, i = {}, 0
    for x, X in place.items():
        out[x] = Matrix(X.m, X.n, [a + t * s for a, s in zip(X.entries, step[i : i + len(X.entries)], strict=True)])
        i += len(X.entries)
    return out


def _update(H: list[list[float]], s: list[float], y: list[float]) -> None:
    """The inverse Hessian after a step s along which the gradient changed by y."""
    sy = sum(map(_times, s, y))
    if sy <= FLAT * FLAT:
        return
    Hy = [sum(map(_times, row, y)) for row in H]
    scale = (1 + sum(map(_times, y, Hy)) / sy) / sy
    for i, row in enumerate(H):
        for j in range(len(row)):
            row[j] += scale * s[i] * s[j] - (Hy[i] * s[j] + s[i] * Hy[j]) / sy


def _told(place: Mapping[Expr, Matrix]) -> str:
    return ", ".join(f"{x.attrs[0]} = {shown(X)}" for x, X in sorted(place.items(), key=lambda p: str(p[0].attrs[0])))


def _number(x: float) -> str:
    return f"{x:.4g}" if abs(x) > LOWER * LOWER else "0"
