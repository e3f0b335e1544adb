"""A condition that is not said follows from those that are: by value, at points that satisfy these."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.codegen.emit import Task, module
from matcalc.core.tree import Expr, walk
from matcalc.explain import conditions
from matcalc.explain.needs import Need

PROBLEMS = [  # objective, variable, declarations
    ("logdet(I + K/σ) + tr((K + σI)⁻¹)", "K", "K ∈ SPD(n)"),
    ("log(det(X)) + logdet(X') + ‖X⁻¹‖", "X", "X ∈ R^{n×n}"),
    ("logdet([A, b; b', γ]) + log(abs(γ − b'A⁻¹b))", "b", "A ∈ SPD(n); γ ∈ R"),
    ("logdet(I + uv') + 1/(1 + v'u)", "u", "u ∈ R^n"),
    ("log(det(X'X)) + 1/‖X‖", "X", "X ∈ R^{n×k}"),
    ("sum(log(p⊘q)) + sum(1⊘q) + sum(1⊘p)", "p", "p ∈ R^n"),
    ("sum(log1p(x.^2./s)) + sum(log(s + x.^2))", "x", "x ∈ R^n"),
    ("√λ + log(λ) + 1/λ + log(λ² + ‖x‖²)", "λ", "λ ∈ R"),
    ("lgamma(sum(x)) + sum(log(x)) + 1/sum(sqrt(x))", "x", "x ∈ R^n"),
    ("1/(w'Rw) + log(‖w‖) + sum(1⊘w)", "w", "R ∈ SPD(n)"),
    ("log(1 + (h'w)²/(σ + (g'w)²))", "w", "σ ∈ R"),
    ("‖Wa − Wb‖ + 1/‖W(a − b)‖", "W", "a ∈ R^n"),
    ("sum(arcsin(z)) + sum(sqrt(1 − z.^2))", "z", "z ∈ R^n"),
    ("sum(sqrt(rowsums(B∘B))) + 1/‖B‖", "B", "B ∈ R^{m×n}"),
    ("max(0, ‖Wa − Wb‖² − ‖Wa − Wc‖² + μ)", "W", "μ ∈ R"),
    ("c'log(A x) + sum(1⊘(x'A'))", "x", "A ∈ R^{m×n}"),
    ("tr(sqrtm(X)⁻¹) + logdet(X)", "X", "X ∈ R^{n×n}"),
]
SINGULAR = 1e-9


def holds(need: Need, point: dict[str, Any]) -> bool:
    """Whether a need is met at a point; the value is that of the emitted program."""
    says, e = need
    value = np.atleast_2d(evaluated(e, point))
    value = value.T if np.ndim(evaluated(e, point)) == 1 else value
    if not np.isfinite(value).all():
        return False
    small = np.abs(value) < SINGULAR
    entries = {"{} > 0": value > SINGULAR, "{} > −1": value > SINGULAR - 1, "|{}| < 1": np.abs(value) < 1 - SINGULAR,
               "no entry of {} is 0": ~small, "{} ≠ 0": np.array(not small.all()), "no row of {} is 0": ~small.all(1)}
    if says in entries:
        return bool(entries[says].all())
    if "axis" in says:
        return bool(all(abs(z.imag) > SINGULAR or z.real > SINGULAR for z in np.linalg.eigvals(value)))
    return bool(np.linalg.svd(value, compute_uv=False)[-1] > SINGULAR)  # the ranks


def evaluated(e: Expr, point: dict[str, Any]) -> Any:
    """The value of an expression by its emitted program."""
    leaves = tuple(dict.fromkeys(x for x in walk(e) if x.op.name == "var"))
    code = module(Task("value", e, (), leaves), order=0)
    space: dict[str, Any] = {}
    exec(code.source(), space)
    names = [str(x.attrs[0]) for x in code.parameters]
    return space["value"](**{code.python[n]: point[n] for n in names})


def drawn(problem: mc.Problem, rng: np.random.Generator) -> dict[str, Any]:
    """Integers and normal numbers; every dimension is 3, but k, which is 2."""
    point: dict[str, Any] = {"n": 3, "m": 3, "k": 2}
    for name, v in problem.variables.items():
        sizes = [1 if str(d) == "1" else point[str(d)] for d in v.leaf.shape]
        X = rng.integers(-1, 3, size=sizes) + rng.choice([0, 0.5]) * np.abs(rng.standard_normal(sizes))
        X = (np.abs(X) if rng.random() < 0.5 else X) * rng.choice([1, 0.3])
        X = X @ X.T + np.eye(3) if "spd" in v.leaf.attrs[1] else X
        point[name] = float(X[0, 0]) if v.leaf.is_scalar else X[:, 0] if str(v.leaf.shape[1]) == "1" else X
    return point


@pytest.mark.parametrize(("objective", "name", "declared"), PROBLEMS)
def test_what_is_not_said_follows(objective: str, name: str, declared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Need] = []
    every: list[Need] = []
    independent = conditions.independent

    def noted(needs: list[Need]) -> list[Need]:
        every.extend(dict.fromkeys(needs))
        said.extend(independent(needs))
        return said

    monkeypatch.setattr(conditions, "independent", noted)
    problem = mc.problem(objective, declared)
    problem.gradient(name)
    dropped = [need for need in every if need not in said]
    assert dropped
    met = 0
    for seed in range(30):
        point = drawn(problem, np.random.default_rng(seed))
        with np.errstate(all="ignore"):
            try:
                met_here = all(holds(need, point) for need in said)
            except np.linalg.LinAlgError:
                met_here = False
            met += met_here
            assert not met_here or all(holds(need, point) for need in dropped), point
    assert met > 2
