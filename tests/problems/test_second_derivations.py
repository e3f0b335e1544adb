"""Every fifth problem: its Jacobian, its Hessian and that times a direction are derived, and each line holds."""

from __future__ import annotations

import pytest

import matcalc as mc
from tests.problems.corpus import Row, rows

ROWS = rows()[::5]


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.id)
def test_second_derivations(row: Row) -> None:
    p = mc.problem(row.text, *(row.declare or ()))
    asked = [((row.wrt[0],), 2), (tuple(row.wrt), "hvp")] if p.objective.is_scalar else [(tuple(row.wrt), 1)]
    for names, order in asked:
        try:
            found = p.derivation(*names, order=order)
        except mc.UnsupportedError as refused:
            assert "second" in str(refused) or "no short matrix form" in str(refused)
            continue
        assert found.check.ok
        answer = p.hessian(*names) if order == 2 else p.hvp(*names) if order == "hvp" else p.jacobian(*names)
        if len(names) == 1:
            assert found.derivation.answers[-1] is answer.expression, (names, order)
