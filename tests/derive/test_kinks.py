"""A kink is claimed where there is one and nowhere else: shown by one-sided differences at points on it."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest

import matcalc as mc

DECLARE = "A, M ∈ R^{n×n}; b, w, x, y ∈ R^n; λ, δ ∈ R; δ > 0"
SMOOTH = [  # objective, variable: differentiable at every point
    ("sum(relu(x)∘relu(x))", "x"),
    ("relu(Ax − b)'relu(Ax − b)", "x"),
    ("‖relu(Ax − b)‖²", "A"),
    ("‖M∘relu(Ax b')‖²", "x"),
    ("sum(w∘max(1 − y∘(Ax), 0).^2)", "x"),
    ("relu(x)'Diag(w)relu(x)", "x"),
    ("‖relu(x)‖² + ‖relu(−x)‖²", "x"),
    ("sum(|Ax|.^2)", "x"),
    ("sum(|x|.^3)", "x"),
    ("sum(|Ax − b|.^1.5)", "x"),
    ("sum(abs(x.^3)) + sum(relu(x∘x))", "x"),
    ("x'|x|", "x"),
    ("λ|λ| + max(λ, 0)² + |λ|³", "λ"),
    ("|λ|∘x", "x"),
    ("sum(x∘sqrt(x.^2)) + sum((x.^2).^{3/4})", "x"),
    ("‖x‖^3", "x"),
    ("1/2‖x‖² − 1/2‖relu(abs(x) − δ 1_n)‖²", "x"),
    ("sum(min(|x|, δ 1_n)∘(|x| − 1/2 min(|x|, δ 1_n)))", "x"),
    ("sum(step(x)∘x∘x)", "x"),
    ("relu(Ax).^2", "x"),
    ("log(1 + sum(relu(x).^2))", "x"),
    ("sum(tanh(relu(Ax).^2))", "x"),
    ("sum(relu(y)∘x)", "x"),
]
ROUGH = [  # objective, variable, condition
    ("sum(relu(x))", "x", "no entry of x is 0"),
    ("relu(x)'M relu(x)", "x", "no entry of x is 0"),
    ("sum(relu(−Ax − b))", "x", "no entry of Ax + b is 0"),
    ("‖x‖_1²", "x", "no entry of x is 0"),
    ("‖abs(x) − y‖²", "x", "no entry of x is 0"),
    ("sum(sqrt(x.^2))", "x", "no entry of x is 0"),
    ("(‖x‖ − 1)²", "x", "x ≠ 0"),
    ("sum(max(x, y).^2)", "x", "no entry of x − y is 0"),
    ("sum(step(x)∘x)", "x", "no entry of x is 0"),
    ("sum(x∘sign(x))", "x", "no entry of x is 0"),
    ("sum(step(x)∘y)", "x", "no entry of x is 0"),
    ("sum(relu(x) − relu(−x))", "x", "no entry of x is 0"),
    ("sum(abs(x∘y)∘x.^2)", "y", "no entry of y is 0"),
    ("relu(x)∘y", "x", "no entry of x is 0"),
]


def gaps(objective: str, name: str) -> list[float]:
    """How far the derivative is from one-sided differences, at points with many zeros and equal entries."""
    f = mc.problem(objective, DECLARE).compile(name)
    out = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        point: dict[str, Any] = {}
        for n in f.arguments:
            shape = {"A": (3, 3), "M": (3, 3), "λ": (), "δ": ()}.get(n, (3,))
            point[n] = rng.choice([0.0, 1.0, -1.0, 2.0], size=shape)
        point |= {"δ": 1.0} if "δ" in point else {}
        point |= {"λ": 0.0} if name == "λ" else {}
        point |= {"x": np.zeros(3)} if seed == 0 and "x" in point else {}
        D = rng.standard_normal(np.shape(point[name]))
        with np.errstate(all="ignore"):
            value, slope = f(**point)
            ahead = np.sum(slope * D) if np.ndim(value) == 0 else slope @ D
            for h in (1e-7, -1e-7):
                moved = f(**{**point, name: point[name] + h * D})[0]
                out.append(float(np.max(np.abs((moved - value) / h - ahead)) / (1 + np.max(np.abs(slope)))))
    return out


@pytest.mark.parametrize(("objective", "name"), SMOOTH)
def test_no_kink_is_claimed_where_the_derivative_exists(objective: str, name: str) -> None:
    assert mc.problem(objective, DECLARE).derivative(name).conditions == ()
    assert max(gaps(objective, name)) < 3e-3


@pytest.mark.parametrize(("objective", "name", "condition"), ROUGH)
def test_a_kink_is_claimed_where_the_one_sided_derivatives_differ(objective: str, name: str, condition: str) -> None:
    assert mc.problem(objective, DECLARE).derivative(name).conditions == (condition,)
    assert not max(gaps(objective, name)) < 0.1


def test_a_second_derivative_asks_for_more() -> None:
    p = mc.problem("‖relu(Ax)‖²")
    assert p.gradient("x").conditions == ()
    assert p.hessian("x").conditions == p.hvp("x").conditions == ("no entry of Ax is 0",)
    assert str(p.derivation("x", order=2)).endswith("where no entry of Ax is 0")
    assert mc.problem("sum(|x|.^3)").hessian("x").conditions == ()


UNARY = ("relu({})", "relu({})", "abs({})", "abs({})", "sign({})", "step({})", "({}).^2", "abs({}).^1.5", "({}) − 1")
BINARY = ("({})∘({})", "({})∘({})", "({}) + ({})", "({}) − ({})", "max({}, {})", "min({}, {})")


def entries(rng: Random, depth: int) -> str:
    """A random function of x entry by entry."""
    if depth == 0:
        return rng.choice(["x", "x", "y", "Ax"])
    if rng.random() < 0.5:
        return rng.choice(UNARY).format(entries(rng, depth - 1))
    return rng.choice(BINARY).format(entries(rng, depth - 1), entries(rng, depth - 1))


def test_random_kinks_that_are_not_claimed_are_none() -> None:
    smooth = 0
    for seed in range(90):
        rng = Random(seed)
        objective = rng.choice(["sum(w∘({}))", "‖{}‖²"]).format(f"({entries(rng, rng.choice([2, 3]))})")
        p = mc.problem(f"{objective} + x'x", DECLARE)
        if p.gradient("x").conditions == ():
            smooth += 1
            assert max(gaps(f"{objective} + x'x", "x")) < 3e-3, objective
    assert smooth > 25
