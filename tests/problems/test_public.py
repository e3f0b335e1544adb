"""Every public problem, and more of the kind: derive, check, compile, compare with a person."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc as mc
from tests.problems.corpus import Row, rows

ROWS = rows()
SEEDS = (1, 2, 3)


def close(ours: object, expected: object) -> bool:
    scale = max(1.0, float(np.max(np.abs(expected))))
    return np.shape(ours) == np.shape(expected) and np.allclose(ours, expected, rtol=0, atol=1e-9 * scale)


@pytest.mark.parametrize("row", ROWS, ids=[r.id for r in ROWS])
def test_gradient(row: Row) -> None:
    p = mc.problem(row.text, *row.declare)
    for name in row.wrt:
        formula = p.gradient(name) if row.kind == "scalar" else p.jacobian(name)
        assert str(formula)
        assert formula.check.ok, formula.check
        f = p.compile(name)
        for seed in SEEDS:
            point = row.draw(seed)
            given = {k: v for k, v in point.items() if k in p.variables}
            extra = {k: row.dims[k] for k in p.variables if k not in point}
            value, gradient = f(**given, **extra)
            assert close(value, row.value(point)), name
            assert close(gradient, row.numpy_of(row.gradient_numpy[name], point)), f"{name}: {formula}"


SECOND = [r for r in ROWS if r.hessian and len(r.hessian) == 1]


@pytest.mark.parametrize("row", SECOND, ids=[r.id for r in SECOND])
def test_hessian(row: Row) -> None:
    p = mc.problem(row.text, *row.declare)
    ((name, expected),) = row.hessian_numpy.items()
    f = p.compile(name, order=2)
    for seed in SEEDS:
        point = row.draw(seed)
        extra = {k: row.dims[k] for k in p.variables if k not in point}
        _, _, H = f(**{k: v for k, v in point.items() if k in p.variables}, **extra)
        assert close(H, row.numpy_of(expected, point)), p.hessian(name)


@pytest.mark.parametrize("row", [r for r in ROWS if r.latex], ids=[r.id for r in ROWS if r.latex])
def test_pasted_latex_is_the_same_problem(row: Row) -> None:
    typed = mc.problem(row.text, *row.declare)
    pasted = mc.problem(row.latex, *row.declare)
    assert typed.objective is pasted.objective
