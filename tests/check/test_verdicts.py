"""Verdicts: what is accepted, what is refused and why, what stays undecided."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import matcalc.operators  # noqa: F401
from matcalc.check.equal import check_equal
from matcalc.check.gradient import check_gradient
from matcalc.check.jacobian import check_jacobian
from matcalc.check.program import check_program
from matcalc.check.replay import replay
from matcalc.core.algebra import T, const, dimnum, eye, ones, power, scale, scaled, unit, var, zeros
from matcalc.core.dims import ONE, SCALAR, Dim
from matcalc.core.tree import Expr, make
from matcalc.derive.derivation import derivation
from matcalc.derive.jacobian import jacobian

m, n, k = (Dim.name(letter) for letter in "mnk")
A, B, Y = var("A", (m, n)), var("B", (m, n)), var("Y", (m, n))
U, V = var("U", (m, k)), var("V", (n, k))
X, C = var("X", (n, n)), var("C", (n, n))
x, y, b = var("x", (n, ONE)), var("y", (m, ONE)), var("b", (n, ONE))
λ = var("λ", SCALAR)
HALF = Fraction(1, 2)


def declared(name: str, fact: str) -> Expr:
    return var(name, (n, n), frozenset({fact}))


def squared(e: Expr) -> Expr:
    return make("frob", e, e)


S, P, Σ = A @ x - y, make("softmax", x), declared("Σ", "spd")
R = var("M", (m, n), frozenset({"binary"})) * (U @ V.T - Y)
FACTORISATION = squared(R) + scaled(λ, squared(U))
RIGHT = {U: 2 * (R @ V) + 2 * (λ * U), V: 2 * (R.T @ U)}


# ── gradients ─────────────────────────────────────────────────────────────────────────────────────────────
def test_a_right_gradient_is_accepted_exactly() -> None:
    found = check_gradient(FACTORISATION, RIGHT)
    assert (found.ok, found.method, found.trials, found.worst_error, found.why) == (True, "exact", 2, 0.0, "")
    assert "probability below 1e-3" in found.bound


WRONG: dict[str, dict[Expr, Expr]] = {
    "doubled": {U: RIGHT[U], V: 2 * RIGHT[V]},
    "negated": {U: -RIGHT[U], V: RIGHT[V]},
    "dropped term": {U: 2 * (R @ V), V: RIGHT[V]},
    "mask dropped": {U: 2 * ((U @ V.T - Y) @ V) + 2 * (λ * U), V: RIGHT[V]},
    "no transpose": {U: RIGHT[U], V: 2 * (R.T @ U) + V},
    "zero": {U: RIGHT[U], V: zeros(V.shape)},
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_gradient_is_refused_and_named(mistake: str) -> None:
    found = check_gradient(FACTORISATION, WRONG[mistake])
    wrong = next(v for v in (U, V) if WRONG[mistake][v] is not RIGHT[v])
    assert not found.ok and found.decided and found.worst_error > 1e-6
    assert f"the gradient in {wrong.attrs[0]}: at" in found.why and "k = " in found.why


@pytest.mark.parametrize(("f", "v", "right", "wrong"), [
    (make("tr", C @ X @ C.T @ X), X, C @ X.T @ C.T + C.T @ X.T @ C, 2 * (C.T @ X.T @ C)),
    (make("logdet", X), X, T(make("inv", X)), make("inv", X)),
    (make("det", X), X, make("det", X) * T(make("inv", X)), T(make("inv", X))),
    (power(squared(S), HALF), x, (A.T @ S) / power(squared(S), HALF), A.T @ S),
    (make("sum", make("log", P)), x, ones((n, ONE)) - dimnum(n) * P, ones((n, ONE)) - P),
    (make("sum", P * make("log", P)), x, None, make("log", P)),
    (const("π") * squared(x), x, 2 * (const("π") * x), 2 * x),
    (make("frob", C, make("pinv", X)), X, None, make("pinv", X)),
    (unit(3, n).T @ x, x, unit(3, n), unit(2, n)),
    (make("sum", make("abs", x)), x, make("sign", x), ones((n, ONE))),
    (make("sum", make("max", x, b)), x, make("step", x - b), make("step", b - x)),
    (make("norm_inf", x), x, None, make("sign", x)),
    (make("tr", make("logm", Σ)), Σ, make("inv", Σ), eye(n)),
])
def test_gradients(f: Expr, v: Expr, right: Expr | None, wrong: Expr) -> None:
    if right is not None:
        assert check_gradient(f, {v: right}).ok
    found = check_gradient(f, {v: wrong})
    assert not found.ok and found.decided


STRUCTURES: dict[str, Callable[[Expr], Expr]] = {
    "sym": lambda G: make("sym", G),
    "spd": lambda G: make("sym", G),
    "skew": lambda G: make("skew", G),
    "diag": lambda G: eye(n) * G,
    "tril": lambda G: make("tril", G),
}


@pytest.mark.parametrize("fact", STRUCTURES)
def test_the_gradient_must_lie_in_the_space_of_the_structure(fact: str) -> None:
    S = declared("S", fact)
    f = make("frob", C, S) + squared(S)
    free = C + 2 * S
    assert check_gradient(f, {S: STRUCTURES[fact](free)}).ok
    found = check_gradient(f, {S: free})
    assert not found.ok and f"structure {fact}" in found.why


@pytest.mark.parametrize("fact", ["orth", "sparse", "binary"])
def test_other_declared_variables_have_the_free_gradient(fact: str) -> None:
    S = declared("S", fact)
    assert check_gradient(make("frob", C, S), {S: C}).ok
    assert not check_gradient(make("frob", C, S), {S: make("sym", C)}).ok


def test_conditions_on_dimensions_are_kept() -> None:
    """‖a − x⊗c‖² with a of length 20: only sizes with nk = 20 are drawn."""
    a, c = var("a", (Dim.of(20), ONE)), var("c", (k, ONE))
    f = make("frob", a, make("vec", c @ x.T))
    G = make("unvec", a, m=k, n=n).T @ c
    assert check_gradient(f, {x: G}, conditions=[(n * k, Dim.of(20))]).ok
    assert not check_gradient(f, {x: 2 * G}, conditions=[(n * k, Dim.of(20))]).ok


def test_what_cannot_be_decided_is_not_accepted() -> None:
    nowhere = make("log", -1 * power(squared(x) + 1, 2))
    found = check_gradient(make("abs", nowhere), {x: zeros(x.shape)})
    assert not found.ok and not found.decided and "log outside its domain" in found.why
    found = check_gradient(squared(x), {x: 2 * x}, conditions=[(n * n, Dim.of(7))])
    assert not found.ok and not found.decided and "no small sizes" in found.why


def test_a_wrong_shape_is_named() -> None:
    found = check_gradient(squared(A), {A: 2 * A.T})
    assert not found.ok and found.why == "the gradient in A is n×m where m×n is needed"
    assert "scalar is needed" in check_gradient(A, {A: A}).why


def test_the_same_seed_gives_the_same_verdict() -> None:
    first, second = (check_gradient(FACTORISATION, WRONG["doubled"], seed=5) for _ in range(2))
    assert first == second != check_gradient(FACTORISATION, WRONG["doubled"], seed=6)


# ── equality, Jacobians, derivations ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("a", "b", "same"), [
    (make("d", make("inv", X)), -1 * (make("inv", X) @ make("d", X) @ make("inv", X)), True),
    (make("d", make("inv", X)), -1 * (make("inv", X) @ make("d", X).T @ make("inv", X)), False),
    (make("d", make("det", X)), make("det", X) * make("tr", make("inv", X) @ make("d", X)), True),
    (make("tr", A @ B.T), make("frob", A, B), True),
    (make("logdet", X @ C), make("logdet", X) + make("logdet", C), True),
    (make("exp", x + b), make("exp", x) * make("exp", b), True),
    (make("exp", 2 * x), make("exp", x) ** 2, True),
    (make("exp", 2 * x), 2 * make("exp", x), False),
    (power(squared(x), HALF), make("sum", x), False),
    (make("abs", x), x, False),
])
def test_equality(a: Expr, b: Expr, same: bool) -> None:
    assert check_equal(a, b).ok is same


def test_orthogonal_variables_move_on_their_manifold_in_steps() -> None:
    """QᵀdQ is skew where Q is orthogonal."""
    Q = declared("Q", "orth")
    assert check_equal(Q.T @ make("d", Q), -1 * (make("d", Q).T @ Q)).ok
    assert not check_equal(X.T @ make("d", X), -1 * (make("d", X).T @ X)).ok


def test_only_some_variables_move() -> None:
    moved = make("d", A @ x)
    assert check_equal(moved, A @ make("d", x), moving=[x]).ok
    assert not check_equal(moved, A @ make("d", x)).ok
    S = var("S", (m, ONE))
    assert check_equal(make("d", S), A @ make("d", x), moving=[x], definitions=[(S, A @ x - y)]).ok


def test_jacobians() -> None:
    F = X @ C @ X
    J = jacobian(F, X)
    assert check_jacobian(F, X, J).ok
    found = check_jacobian(F, X, J.T)
    assert not found.ok and found.why.startswith("the Jacobian in X")
    assert "is needed" in check_jacobian(A @ x, x, A.T).why


def test_a_derivation_is_replayed_line_by_line() -> None:
    right = derivation(FACTORISATION, (U, V))
    found = replay(right)
    assert found.ok and found.method == "exact"
    for number, line in enumerate(right.lines):
        if line.relation == "=" and line.left == "df":
            lines = list(right.lines)
            lines[number] = replace(line, expression=scale(2, line.expression))
            refused = replay(replace(right, own=tuple(lines)))
            assert not refused.ok and f"line {number + 1} (df)" in refused.why


# ── programs ──────────────────────────────────────────────────────────────────────────────────────────────
Change = Callable[[Any, Any], Any]


def program(U: Any, V: Any, Y: Any, M: Any, lam: float, change: Change | None = None) -> Any:
    R = M * (U @ V.T - Y)
    gradients = 2 * R @ V + 2 * lam * U, 2 * R.T @ U
    return (R * R).sum() + lam * (U * U).sum(), change(*gradients) if change else gradients


def judged(function: Callable[..., Any]) -> Any:
    return check_program(function, FACTORISATION, tuple(RIGHT.items()), aliases={"λ": "lam"})


def test_a_right_program() -> None:
    found = judged(program)
    assert found.ok and found.worst_error < 1e-12


@pytest.mark.parametrize(("change", "why"), [
    (lambda g, h: (g, 2 * h), "the gradient in V is off"),
    (lambda g, h: (g + 1e-6 * g, h), "the gradient in U is off"),
    (lambda g, h: (g.T, h), "the shape of the gradient in U"),
    (lambda g, h: (g, h * np.nan), "the gradient in V is off"),
    (lambda g, h: (g,), "the number of results"),
])
def test_wrong_programs(change: Change, why: str) -> None:
    found = judged(lambda **given: program(**given, change=change))
    assert not found.ok and why in found.why


def test_a_singular_solve_in_a_program_draws_another_point() -> None:
    """AᵀA is singular where A is wide; such sizes are passed over."""
    f = make("logdet", A.T @ A)
    G = 2 * (A @ make("inv", A.T @ A))

    def function(A: Any) -> Any:
        gram = A.T @ A
        return np.linalg.slogdet(gram)[1], 2 * A @ np.linalg.inv(gram)

    assert check_program(function, f, [(A, G)]).ok


def test_dimensions_may_be_parameters() -> None:
    f = dimnum(k) * squared(x)
    parameters, gradients = [x, dimnum(k)], [(x, 2 * (dimnum(k) * x))]
    assert check_program(lambda x, k: (k * (x @ x), 2 * k * x), f, gradients, parameters=parameters).ok


# ── start-up ──────────────────────────────────────────────────────────────────────────────────────────────
def test_an_exact_check_loads_no_heavy_package() -> None:
    program = """
import sys
import matcalc.operators
from matcalc.check.gradient import check_gradient
from matcalc.core.algebra import var
from matcalc.core.dims import Dim
from matcalc.core.tree import make
X = var("X", (Dim.name("m"), Dim.name("n")))
print(check_gradient(make("frob", X, X), {X: 2 * X}).method)
print(sorted({m.partition(".")[0] for m in sys.modules} & {"numpy", "sympy", "mpmath", "scipy", "lark"}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["exact", "[]"]


# ── large numbers in shapes ───────────────────────────────────────────────────────────────────────────────
def test_large_numbers_in_shapes_are_replaced_by_small_ones() -> None:
    tall = var("X", (Dim.of(5000), Dim.of(700)))
    f, G = make("logdet", tall.T @ tall), 2 * (tall @ make("inv", tall.T @ tall))
    found = check_gradient(f, {tall: G})
    assert found.ok and found.bound.endswith("with smaller sizes for 700, 5000")


def test_where_a_large_number_counts_the_given_sizes_decide() -> None:
    """The mean over 20 entries: the number 20 in the formula is the size."""
    v = var("v", (Dim.of(20), ONE))
    centred = v - scale(Fraction(1, 20), make("sum", v) * ones(v.shape))
    f = make("sum", centred) + squared(v)
    assert check_gradient(f, {v: 2 * v}).ok
    assert "smaller" not in check_gradient(f, {v: 2 * v}).bound
    assert not check_gradient(f, {v: 2 * v + ones(v.shape)}).ok
