"""Random points: declared facts hold in every arithmetic, sizes meet their conditions."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

import matcalc.operators  # noqa: F401
from matcalc.check.arithmetic import Arithmetic, Matrix
from matcalc.check.gradient import check_gradient
from matcalc.check.prime import Modular, P, Q
from matcalc.check.real import Digits, Floats
from matcalc.core.algebra import commutation, duplication, eye, mul, sub, unit, var
from matcalc.core.dims import ONE, Dim
from matcalc.core.sample import Sizes, draw, draw_direction
from matcalc.core.tree import Expr, make, walk
from matcalc.derive.gradient import gradient

m, n, h = Dim.name("m"), Dim.name("n"), Dim.name("h")
SIZES = {"m": 3, "n": 4, "h": 10}
ARITHMETICS: dict[str, Callable[[], Arithmetic]] = {
    "prime": lambda: Modular(1), "digits": Digits, "floats": Floats}


def zero(K: Arithmetic, X: Matrix) -> bool:
    return all(abs(x) < 1e-9 for x in X.entries)


def minus(K: Arithmetic, A: Matrix, B: Matrix) -> Matrix:
    return K.combine([1, -1], [A, B])


def entries(K: Arithmetic, X: Matrix, keep: Callable[[int, int], bool]) -> Matrix:
    return K.build(X.m, X.n, lambda i, j: X[i, j] if keep(i, j) else K.zero)


FACTS: dict[str, Callable[[Arithmetic, Matrix], bool]] = {
    "sym": lambda K, X: zero(K, minus(K, X, X.transposed())),
    "spd": lambda K, X: zero(K, minus(K, X, X.transposed())) and bool(K.det(X)),
    "skew": lambda K, X: zero(K, K.combine([1, 1], [X, X.transposed()])),
    "diag": lambda K, X: zero(K, entries(K, X, lambda i, j: i != j)),
    "tril": lambda K, X: zero(K, entries(K, X, lambda i, j: i < j)),
    "orth": lambda K, X: zero(K, minus(K, K.product(X.transposed(), X), K.identity(X.m))),
    "binary": lambda K, X: {int(x) for x in X.entries} == {0, 1},
    "sparse": lambda K, X: any(x == 0 for x in X.entries) and any(x != 0 for x in X.entries),
    "positive": lambda K, X: all(pow(x, Q, P) == 1 if isinstance(K, Modular) else x > 0 for x in X.entries),
}


@pytest.mark.parametrize("kind", ARITHMETICS)
@pytest.mark.parametrize("fact", FACTS)
def test_the_declared_fact_holds(fact: str, kind: str) -> None:
    K = ARITHMETICS[kind]()
    x = var("X", (n, n), frozenset({fact}))
    for seed in range(5):
        for style in ("normal", "positive", "small", "near"):
            assert FACTS[fact](K, draw(x, SIZES, K, Random(seed), style))


@pytest.mark.parametrize("fact", ["sym", "skew", "diag", "tril"])
def test_directions_keep_linear_structure(fact: str) -> None:
    K = Modular(1)
    direction = draw_direction(var("X", (n, n), frozenset({fact})), SIZES, K, Random(1))
    assert FACTS[fact](K, direction) and any(direction.entries)


def test_two_facts_together() -> None:
    K = Digits()
    x = var("D", (n, n), frozenset({"diag", "positive"}))
    X = draw(x, SIZES, K, Random(1))
    assert FACTS["diag"](K, X) and all(X[i, i] > 0 for i in range(X.m))


# ── sizes ─────────────────────────────────────────────────────────────────────────────────────────────────
def drawn(*roots: Expr, conditions: tuple[tuple[Dim, Dim], ...] = (), seed: int = 1) -> dict[str, int]:
    found = Sizes(walk(*roots), conditions).draw(Random(seed), 2)
    assert found is not None
    return found


def test_conditions_are_solved_by_search() -> None:
    sizes = drawn(var("A", (m, n)), conditions=((m * n, Dim.of(20)),))
    assert sizes["m"] * sizes["n"] == 20
    assert Sizes(walk(var("A", (m, n))), [(m * m, Dim.of(7))]).draw(Random(1)) is None


def test_sizes_that_nodes_ask_for() -> None:
    for seed in range(10):
        sizes = drawn(duplication(n, h), seed=seed)
        assert sizes["h"] == sizes["n"] * (sizes["n"] + 1) // 2
        assert drawn(unit(6, n), seed=seed)["n"] >= 6
        part = make("part", var("A", (m, n)), top=Dim.of(4), height=Dim.of(2), left=Dim.of(0), width=n)
        assert drawn(part, seed=seed)["m"] >= 6


def test_the_second_trial_turns_tall_into_wide() -> None:
    """‖(I − XX⁺)y‖² is 0 for every wide X; a wrong gradient must not pass because only those were drawn."""
    X, y = var("X", (m, n)), var("y", (m, ONE))
    r = mul(sub(eye(m), mul(X, make("pinv", X))), y)
    f = make("frob", r, r)
    right = gradient(f, X)
    for seed in range(40):
        assert check_gradient(f, {X: right}, seed=seed).ok
        assert not check_gradient(f, {X: 3 * right}, seed=seed).ok


def test_sizes_of_the_commutation_are_not_square() -> None:
    K = make("vec", var("A", (m, n)))
    sizes = drawn(commutation(m, n) @ K)
    assert sizes["m"] != sizes["n"]
