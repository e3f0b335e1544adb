"""The conditions that an answer names: those that are not known to hold, and no others."""

from __future__ import annotations

import pytest

import matcalc as mc

ROWS = [  # objective, variable, conditions
    ("log(1 + ‖x‖²)", "x", ()),
    ("sum(log(1 + x.^2))", "x", ()),
    ("sum(log(1 - sigmoid(x)))", "x", ()),
    ("logdet(I + XX')", "X", ()),
    ("logdet(XX')", "X", ("XXᵀ nonsingular", "the rank of X is locally constant")),
    ("logdet(XX' - I)", "X", ("XXᵀ − I nonsingular",)),
    ("logdet(λI + XX')", "X", ("λI + XXᵀ nonsingular",)),
    ("logdet(Diag(exp(x)) + yy')", "x", ()),
    ("log(x'Ax)", "x", ("xᵀAx > 0",)),
    ("1/(1 + ‖x‖)", "x", ("x ≠ 0",)),
    ("1/(1 - ‖x‖²)", "x", ("1 − ‖x‖² ≠ 0",)),
    ("sum(log(2 - sigmoid(x)))", "x", ("2 − sigmoid(x) > 0",)),
]


@pytest.mark.parametrize("objective, name, needed", ROWS, ids=[row[0] for row in ROWS])
def test_conditions(objective: str, name: str, needed: tuple[str, ...]) -> None:
    assert mc.problem(objective, "x ∈ R^n").gradient(name).conditions == needed
