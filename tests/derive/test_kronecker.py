"""Every rule for vec of a product, in each of its arguments, against the derivative along random directions."""

from __future__ import annotations

import pytest

import matcalc.operators  # noqa: F401
from matcalc.check.jacobian import check_jacobian
from matcalc.core.algebra import T, mul, scale, unit, var
from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import OPS, Expr, make
from matcalc.derive.jacobian import jacobian
from matcalc.derive.kronecker import RULES

m, n, p, q, k = (Dim.name(letter) for letter in "mnpqk")
A, B, C = var("A", (m, n)), var("B", (p, q)), var("C", (m * p, n * q))
F, G, H = var("F", (p, n)), var("G", (m, q)), var("H", (m * p, n))
S, E, P = var("S", (n, n)), var("E", (n, n)), var("P", (n, n), frozenset({"spd"}))
a, b = var("a", (m, ONE)), var("b", (n, ONE))
half = Dim.name("h")

CASES: dict[str, list[tuple[Expr, tuple[Expr, ...]]]] = {  # expressions, and the variables that move
    "kron": [(make("kron", A, B), (A, B)), (make("kron", a, B), (a, B)), (make("kron", A, T(b)), (A, b)),
             (make("kron", A, A), (A,)), (make("kron", T(b), B), (b, B))],
    "kron_left": [(make("kron_left", B, C), (B, C))],
    "kron_right": [(make("kron_right", A, C), (A, C))],
    "khatri_rao": [(make("khatri_rao", A, F), (A, F)), (make("khatri_rao", A, A), (A,))],
    "khatri_left": [(make("khatri_left", F, H), (F, H))],
    "khatri_right": [(make("khatri_right", A, H), (A, H))],
    "face_split": [(make("face_split", A, G), (A, G)), (make("face_split", A, A), (A,))],
    "vech": [(make("vech", S @ E, half=half), (S,))],
    "unvech": [(make("unvech", make("vech", S @ E, half=half), n=n), (S,))],
    "isum": [(make("isum", mul(T(unit("i", n)), S, b) * mul(A, unit("i", n)), index="i", low=ONE, high=n), (A, S, b))],
    "expm_derivative": [(make("expm", S) @ E, (S,)), (make("expm_derivative", S, E), (E,))],
    "logm_derivative": [(make("logm", P), (P,)), (make("logm_derivative", P, E), (E,))],
    "sqrtm_derivative": [(make("sqrtm", P), (P,)), (make("sqrtm_derivative", P, E), (E,))],
}


def test_every_rule_is_tried() -> None:
    assert CASES.keys() == RULES.keys() <= OPS.keys()


@pytest.mark.parametrize("name", CASES)
def test_the_jacobian(name: str) -> None:
    for e, moving in CASES[name]:
        for x in moving:
            J = jacobian(e, x)
            right = check_jacobian(e, x, J)
            assert right.ok and right.decided, (x, J, right.why)
            assert not check_jacobian(e, x, scale(2, J)).ok
