"""Random objectives: what the engine derives is accepted, what is changed is refused."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from random import Random

import matcalc.operators  # noqa: F401
from matcalc.check.equal import check_equal
from matcalc.check.gradient import check_gradient
from matcalc.core.algebra import T, add, eye, hadamard, mul, power, scale, scaled, sub, var
from matcalc.core.dims import Dim
from matcalc.core.sample import Sizes
from matcalc.core.tree import Expr, depends, make, walk
from matcalc.derive.gradient import gradient
from matcalc.errors import UnsupportedError

m, n = Dim.name("m"), Dim.name("n")
FUNCTIONS = ("exp", "sin", "tanh", "sigmoid", "softplus", "abs", "relu", "erf", "arctan")


class Objectives:
    """Random scalar expressions in A, B (m×n), S (n×n), P (m×m symmetric) of bounded depth."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.leaves = {
            (m, n): [var("A", (m, n)), var("B", (m, n)), var("M", (m, n), frozenset({"binary"}))],
            (n, m): [T(var("A", (m, n))), T(var("B", (m, n)))],
            (n, n): [var("S", (n, n)), var("D", (n, n), frozenset({"diag"}))],
            (m, m): [var("P", (m, m), frozenset({"sym"})), eye(m)],
        }

    def matrix(self, shape: tuple[Dim, Dim], depth: int) -> Expr:
        """A random matrix of this shape."""
        pick = self.rng.random()
        if depth == 0 or pick < 0.15:
            return self.rng.choice(self.leaves[shape])
        if pick < 0.35:
            inner = self.rng.choice((m, n))
            return mul(self.matrix((shape[0], inner), depth - 1), self.matrix((inner, shape[1]), depth - 1))
        if pick < 0.5:
            second = scale(self.rng.choice((-2, 1, 3)), self.matrix(shape, depth - 1))
            return add(self.matrix(shape, depth - 1), second)
        if pick < 0.62:
            return hadamard(self.matrix(shape, depth - 1), self.matrix(shape, depth - 1))
        if pick < 0.72:
            return make(self.rng.choice(FUNCTIONS), self.matrix(shape, depth - 1))
        if pick < 0.78:
            return scaled(self.scalar(depth - 1), self.matrix(shape, depth - 1))
        if shape[0] is shape[1]:
            inner = self.matrix(shape, depth - 1)
            return make("inv", inner) if pick < 0.88 else make("Diag", make("diag", inner))
        return T(self.matrix((shape[1], shape[0]), depth - 1))

    def scalar(self, depth: int) -> Expr:
        """A random scalar."""
        pick, square = self.rng.random(), self.rng.choice(((m, m), (n, n)))
        if pick < 0.3:
            return make("tr", self.matrix(square, depth))
        if pick < 0.5:
            X = self.matrix((m, n), depth)
            return make("frob", X, X)
        if pick < 0.6:
            X = self.matrix((m, n), depth)
            return power(make("frob", X, X), Fraction(1, 2))
        if pick < 0.7:
            return make("logdet", self.matrix(square, depth))
        return make("sum", self.matrix((m, n), depth))


def objectives(count: int) -> list[tuple[Expr, Expr]]:
    """Objectives that depend on A, which is then differentiated in, or else on S."""
    out: list[tuple[Expr, Expr]] = []
    seed = 0
    while len(out) < count:
        seed += 1
        f = Objectives(seed).scalar(3)
        moving = [x for x in (var("A", (m, n)), var("S", (n, n))) if depends(f, x)]
        if moving and f.size < 400:
            out.append((f, moving[0]))
    return out


def test_derived_gradients_are_accepted_and_changed_ones_refused() -> None:
    verdicts: Counter[str] = Counter()
    for number, (f, x) in enumerate(objectives(150)):
        try:
            G = gradient(f, x)
        except UnsupportedError:
            verdicts["unsupported"] += 1
            continue
        found = check_gradient(f, {x: G})
        verdicts[found.method] += 1
        assert found.ok or not found.decided, f"{f}: {found.why}"
        if found.ok and G.op.name != "zeros":
            other = add(G, var("B", x.shape)) if x.shape == (m, n) else T(G)
            change = (scale(2, G), sub(G, x), other)[number % 3]
            changed = check_gradient(f, {x: change})
            assert not changed.ok or change is G or is_symmetric(change), f"{change} passed for {f}"
    assert verdicts["exact"] > 90
    assert verdicts["undecided"] + verdicts["unsupported"] < 15, verdicts


def is_symmetric(G: Expr) -> bool:


    return G.shape[0] is G.shape[1] and check_equal(G, T(G)).ok


def test_random_sizes_hold_for_every_node() -> None:
    """Every draw of sizes is small, and distinct where there are few names."""
    for f, _ in objectives(10):
        drawn = Sizes(walk(f)).draw(Random(1), 2)
        assert drawn is not None and set(drawn) <= {"m", "n"}
        assert len(set(drawn.values())) == len(drawn) and all(2 <= v <= 4 for v in drawn.values())
