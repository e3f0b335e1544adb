"""Wrong rows are planted in the catalogue; the judge must refuse every formula that comes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import matcalc.operators  # noqa: F401
from matcalc.check.equal import check_equal
from matcalc.check.gradient import check_gradient
from matcalc.core.algebra import T, scale, var, zeros
from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import OPS, Expr, make
from matcalc.derive.gradient import gradient

m, n, k = (Dim.name(letter) for letter in "mnk")
two = Dim.of(2)
A, B, C = var("A", (m, n)), var("B", (m, n)), var("C", (k, n))
S, R = var("S", (n, n)), var("R", (n, n))
E = var("E", (m + two, n + two))
x, y = var("x", (n, ONE)), var("y", (m, ONE))
D, W = var("D", (k, k)), var("W", (m * k, n * k))
V = var("V", (m * k, n))


def squared(e: Expr) -> Expr:
    """‖e‖², so that the cotangent of `e` is not constant."""
    return make("frob", e, e)


Problem = tuple[Expr, Expr]
ADJOINT: dict[str, list[Problem]] = {  # objectives that need the adjoint of each argument, and the variable
    "tr": [(squared(make("tr", S @ R)), S)],
    "frob": [(squared(make("frob", A, B)), A), (squared(make("frob", A, B)), B)],
    "sum": [(squared(make("sum", A)), A)],
    "diag": [(squared(make("diag", S @ R)), S)],
    "Diag": [(squared(make("Diag", x) @ S), x)],
    "vec": [(squared(var("Q", (n, n * n)) @ make("vec", A.T @ A)), A)],
    "unvec": [(squared(make("unvec", var("Q", (m * n, n)) @ x, m=m, n=n)), x)],
    "vech": [(squared(make("vech", S @ R, half=Dim.name("h"))), S)],
    "sym": [(squared(make("sym", S @ R)), S)],
    "skew": [(squared(make("skew", S @ R)), S)],
    "tril": [(squared(make("tril", S @ R)), S)],
    "triu": [(squared(make("triu", S @ R)), S)],
    "kron": [(squared(make("kron", A, C) - make("kron", B, C)), A), (make("frob", W, make("kron", A, D)), D)],
    "kron_left": [(squared(make("kron_left", D, W)), D), (squared(make("kron_left", D, W)), W)],
    "kron_right": [(squared(make("kron_right", A, W)), A), (squared(make("kron_right", A, W)), W)],
    "khatri_rao": [(squared(make("khatri_rao", A, C) - V), A), (squared(make("khatri_rao", A, C) - V), C)],
    "face_split": [(squared(make("face_split", A.T, C.T) - V.T), v) for v in (A, C)],
    "khatri_left": [(squared(make("khatri_left", C, V)), C), (squared(make("khatri_left", C, V)), V)],
    "khatri_right": [(squared(make("khatri_right", A, V)), A), (squared(make("khatri_right", A, V)), V)],
    "part": [(squared(make("part", A @ S, top=ONE, height=two, left=ONE, width=two)), A)],
    "embed": [(squared(make("embed", A @ S, top=ONE, left=two, m=m + two, n=n + two) - E), A)],
    "expm": [(squared(make("expm", S)), S)],
    "expm_derivative": [(squared(make("expm_derivative", S, R)), v) for v in (S, R)],
}

DIFFERENTIAL: dict[str, Problem] = {
    "inv": (squared(make("inv", S)), S),
    "pinv": (squared(make("pinv", A @ S)), A),
    "adj": (squared(make("adj", S)), S),
    "det": (squared(make("det", S)), S),
    "logdet": (squared(make("logdet", S)), S),
    "max": (squared(make("max", A, B)), A),
    "min": (squared(make("min", A, B)), A),
    "softmax": (squared(make("softmax", A @ x)), x),
    "logsumexp": (squared(make("logsumexp", A @ x)), x),
    "softmax_rows": (squared(make("softmax_rows", A)), A),
    "softmax_cols": (squared(make("softmax_cols", A) - B), A),
    "logsumexp_rows": (squared(make("logsumexp_rows", A @ S)), A),
    "norm_inf": (squared(make("norm_inf", A @ S)), A),
    "norm_spectral": (squared(make("norm_spectral", A)), A),
    "norm_nuclear": (squared(make("norm_nuclear", A)), A),
    "dyad_max": (make("frob", B, make("dyad_max", A)), A),
    "eigmax": (squared(make("eigmax", S @ S.T)), S),
    "eigmin": (squared(make("eigmin", S + S.T)), S),
    "eigproj_max": (make("frob", R, make("eigproj_max", S)), S),
    "eigproj_min": (make("frob", R, make("eigproj_min", S)), S),
}
FUNCTIONS = {"logm", "sqrtm", "logm_derivative", "sqrtm_derivative"}  # the same rows as those of expm
FORWARD = {"peak", "polar", "expm", "expm_derivative"}  # 0, none, or for derivations only: see the table of identities

MISTAKES: dict[str, Callable[[Expr], Expr]] = {
    "doubled": lambda e: scale(2, e),
    "negated": lambda e: scale(-1, e),
    "dropped": lambda e: zeros(e.shape),
    "transposed": lambda e: T(e) if e.shape[0] is e.shape[1] else e,
}


@contextmanager
def planted(name: str, column: str, wrong: Any) -> Iterator[None]:
    """The operator with another entry in one column."""
    op = OPS[name]
    right = getattr(op, column)
    try:
        object.__setattr__(op, column, wrong)
        yield
    finally:
        object.__setattr__(op, column, right)


def judged(f: Expr, v: Expr, right: Expr, name: str, column: str, wrong: Any) -> bool:
    """Derive with a wrong row; the formula must be refused unless it is the right one in other writing.

    Says whether the row had any influence.
    """
    with planted(name, column, wrong):
        formula = gradient(f, v)
    if formula is right:
        return False
    found = check_gradient(f, {v: formula})
    assert found.decided, found.why
    assert found.ok == check_equal(formula, right).ok, f"{formula} judged {found.ok} as the gradient of {f}"
    return not found.ok


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("name", ADJOINT)
def test_wrong_adjoint(name: str, mistake: str) -> None:
    change, rows = MISTAKES[mistake], OPS[name].adjoint
    refused = set()
    for f, v in ADJOINT[name]:
        right = gradient(f, v)
        assert check_gradient(f, {v: right}).ok
        for i, row in enumerate(rows):
            wrong = lambda G, *args, row=row, **attrs: change(row(G, *args, **attrs))  # noqa: E731
            if judged(f, v, right, name, "adjoint", (*rows[:i], wrong, *rows[i + 1:])):
                refused.add(i)
    if mistake == "doubled":
        assert refused == set(range(len(rows))), "a row was not exercised"


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("name", DIFFERENTIAL)
def test_wrong_differential(name: str, mistake: str) -> None:
    (f, v), row, change = DIFFERENTIAL[name], OPS[name].differential, MISTAKES[mistake]
    right = gradient(f, v)
    assert row is not None and check_gradient(f, {v: right}).ok
    refused = judged(f, v, right, name, "differential", lambda a, d: change(row(a, d)))
    assert refused or mistake == "transposed"


@pytest.mark.parametrize("name", [name for name, op in OPS.items() if op.kind == "elementwise"])
def test_wrong_derivative(name: str) -> None:
    attributes = {"polygamma": {"order": 2}, "apply": {"name": "g", "order": 0}}.get(name, {})
    f, row = squared(make(name, A @ x, **attributes) - y), OPS[name].derivative
    assert row is not None
    right = gradient(f, x)
    assert check_gradient(f, {x: right}).ok
    for mistake in ("doubled", "negated", "dropped"):
        change = MISTAKES[mistake]
        wrong = lambda e, change=change, **attrs: change(row(e, **attrs))  # noqa: E731
        assert judged(f, x, right, name, "derivative", wrong) or name in ("step", "sign")


def test_every_linear_operator_is_tried() -> None:
    tried = {*ADJOINT, "colon", "unvech", "d", "isum", *FUNCTIONS}
    assert {name for name, op in OPS.items() if op.adjoint} <= tried
    assert {name for name, op in OPS.items() if op.differential} <= {*DIFFERENTIAL, *FUNCTIONS, *FORWARD}
