"""Points at which an equation holds: for lines that are true only there (after ∂f/∂s = 0, or AXB = C)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from matcalc.check.arithmetic import Arithmetic, Entry, Matrix, Pole
from matcalc.check.evaluate import Evaluation
from matcalc.check.written.bench import Bench, Side
from matcalc.core.tree import Expr, substitute

MAX_UNKNOWNS = 40
Solver = Callable[[Evaluation, Mapping[Expr, Expr]], Evaluation]


def at(solver: Solver, side: Side, *also: Expr) -> Side:
    """A side at the point that a solver makes of the random one; `also` are the expressions that it solves."""
    kept: list[tuple[Evaluation, Evaluation]] = []

    def point(E: Evaluation, by: Mapping[Expr, Expr]) -> Evaluation:
        if not kept or kept[-1][0] is not E:
            kept[:] = [(E, solver(E, by))]
        return kept[-1][1]

    def value(E: Evaluation, by: Mapping[Expr, Expr]) -> Matrix:
        F = point(E, by)
        return side.value(F.at(E.indices, *(substitute(e, dict(by)) for e in side.roots)) if E.indices else F, by)

    return Side(value, (*side.roots, *also), point)


def on(residual: Expr, x: Expr, bench: Bench) -> Solver:
    """The point with `x` such that a residual is zero; it must be affine in x."""

    def solve(E: Evaluation, by: Mapping[Expr, Expr]) -> Evaluation:
        r, unknown = substitute(residual, dict(by)), substitute(x, dict(by))
        K, shape = E.K, E.shape(unknown)
        count = shape[0] * shape[1]
        if count > MAX_UNKNOWNS:
            raise Pole("too many unknowns to solve for")

        def residual_at(entries: list[Entry]) -> tuple[Evaluation, list[Entry]]:
            F = _moved(E, unknown, Matrix(*shape, entries), bench, by)
            return F, K.plain(F(r)).entries

        zero = residual_at([K.zero] * count)[1]
        columns = []
        for k in range(count):
            there = residual_at([K.one if i == k else K.zero for i in range(count)])[1]
            columns.append([K.reduce(a - b) for a, b in zip(there, zero, strict=True)])
        rows = [[*(c[i] for c in columns), K.reduce(-zero[i])] for i in range(len(zero))]
        F, left = residual_at(_affine_solution(K, rows, count))
        if any(K.best_pivot([a]) is not None for a in left):
            raise Pole("the equation is not affine, or has no solution")
        return F

    return solve


def closing(f: Expr, x: Expr, e: Expr, bench: Bench) -> Side:
    """df along a direction of `x` at the point x = e: zero where e is stationary."""

    def value(E: Evaluation, by: Mapping[Expr, Expr]) -> Matrix:
        g, unknown, v = (substitute(a, dict(by)) for a in (f, x, e))
        K = E.K
        direction = [K.tangent(a) for a in E(unknown).entries]
        X = K.plain(E(v))
        moving = Matrix(X.m, X.n, [K.join(a, b) for a, b in zip(X.entries, direction, strict=True)])
        F = _moved(E, unknown, moving, bench, by)
        return Matrix(1, 1, [K.tangent(F(g).entries[0])])

    return Side(value, (f, x, e))


def _moved(E: Evaluation, x: Expr, value: Matrix, bench: Bench, by: Mapping[Expr, Expr]) -> Evaluation:
    """The same point with another value of one variable; all others stand still."""
    point = {v: E.K.plain(X) for v, X in E.point.items()}
    F = Evaluation(E.K, E.sizes, {**point, x: value})
    for name, definition in bench.book.values.items():
        try:
            F.define(substitute(name, dict(by)), substitute(definition, dict(by)))
        except KeyError:
            continue  # a name of variables that do not occur here
    return F


def _affine_solution(K: Arithmetic, rows: list[list[Entry]], count: int) -> list[Entry]:
    """One solution of a linear system; unknowns that it leaves free are small integers."""
    rng, rest = Random(count), [list(row) for row in rows]
    pivots: dict[int, list[Entry]] = {}
    for j in range(count):
        p = K.best_pivot([row[j] for row in rest]) if rest else None
        if p is None:
            continue
        top = rest.pop(p)
        top = [K.over(a, top[j]) for a in top]
        rest = [[K.reduce(a - row[j] * b) for a, b in zip(row, top, strict=True)] for row in rest]
        pivots = {k: [K.reduce(a - row[j] * b) for a, b in zip(row, top, strict=True)] for k, row in pivots.items()}
        pivots[j] = top
    if any(K.best_pivot([row[-1]]) is not None for row in rest):
        raise Pole("the equation has no solution")
    free = {j: K.number(rng.choice((1, 2, -1, 3))) for j in range(count) if j not in pivots}
    out = []
    for j in range(count):
        if j in free:
            out.append(free[j])
        else:
            row = pivots[j]
            out.append(K.reduce(row[-1] - sum((row[k] * v for k, v in free.items()), K.zero)))
    return out
