"""To SymPy and back is the same expression; what SymPy says of small explicit matrices agrees."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import matcalc as mc
from matcalc.check.equal import check_equal
from matcalc.core.algebra import var
from matcalc.core.dims import Dim
from matcalc.core.tree import OPS, Op, make
from matcalc.interop.sympy import from_sympy, to_sympy

TEXTS = [
    ("‖Ax − b‖²", ()),
    ("‖M∘(Y − UVᵀ)‖² + λ_u‖U‖²", ()),
    ("logdet(X) + tr(X⁻¹S)", ()),
    ("det(X)/2 − σ³", ()),
    ("sum(exp(Ax)) + x'x/λ", ()),
    ("A Diag(x)B + C⊗D", ("A ∈ R^{2×3}; C ∈ R^{1×2}; D ∈ R^{2×2}; B ∈ R^{3×4}",)),
    ("diag(A) + x", ()),
    ("[A, B; C, D]", ()),
    ("tr(A X B X)", ()),
    ("log(t) + sin(t)^2 + π", ("t ∈ R",)),
    ("n tr(X)", ("X ∈ R^{n×n}", "n ∈ N")),
]


@pytest.mark.parametrize(("text", "declare"), TEXTS)
def test_there_and_back(text: str, declare: tuple[str, ...]) -> None:
    p = mc.problem(text, *declare)
    q = mc.from_sympy(p.to_sympy())
    f, g = p.compile(order=0), q.compile(order=0)
    rng = np.random.default_rng(0)
    sizes = {n: 2 for v in p.variables.values() for d in v.shape for n in d.names}
    point = {
        n: 2 * np.eye(*shape) + 0.1 * rng.random(shape) if len(shape) == 2 else rng.random(shape) + 1.0
        for n, v in p.variables.items()
        for shape in [tuple(d.at(sizes) for d in v.shape)]
    }
    point |= {n: 2 for n, v in p.variables.items() if v.kind == "dimension"}
    assert np.allclose(f(**point), g(**point))


def test_a_gradient_as_sympy_sees_it() -> None:
    p = mc.problem("‖Ax − b‖²", "A ∈ R^{2×2}")
    s = p.to_sympy()
    x = sp.Matrix(sp.symbols("x1 x2"))
    A, b = sp.Matrix([[1, 2], [3, 4]]), sp.Matrix([5, 6])
    symbols = {str(v): v for v in s.atoms(sp.MatrixSymbol)}
    f = s.subs({symbols["A"]: A, symbols["b"]: b, symbols["x"]: x}).doit()
    expected = [sp.expand(sp.diff(f, xi)) for xi in x]
    assert expected == [sp.expand(e) for e in 2 * A.T * (A * x - b)]


def test_a_problem_from_sympy() -> None:
    n = sp.Symbol("n", integer=True, positive=True)
    X, S = sp.MatrixSymbol("X", n, n), sp.MatrixSymbol("S", n, n)
    p = mc.from_sympy(sp.Trace(X * S) + sp.log(sp.Determinant(X)))
    assert str(p.gradient("X")) == "Sᵀ + X⁻ᵀ"
    assert sorted(mc.from_sympy(sp.Symbol("lambda_u") * sp.Symbol("x1")).variables) == ["x_1", "λ_u"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: mc.problem("softmax_rows(X)").to_sympy(),
        lambda: mc.from_sympy(sp.zeta(sp.Symbol("x"))),
        lambda: mc.from_sympy(sp.Symbol("two words")),
    ],
)
def test_what_has_no_row_is_refused_by_name(make: object) -> None:
    with pytest.raises(mc.UnsupportedError):
        make()  # type: ignore[operator]


m, n, p, q = (Dim.name(c) for c in "mnpq")
SIZES = {"m": m, "n": n, "p": p, "q": q}
ROWS = [op for op in OPS.values() if op.signature is not None and op.name not in ("d", "colon")]
REFUSED = set(
    "max min pinv expm logm sqrtm expm_derivative logm_derivative sqrtm_derivative norm_inf peak norm_spectral"
    " norm_nuclear dyad_max polar eigmax eigmin eigproj_max eigproj_min khatri_rao face_split vec tril triu"
    " softmax_rows softmax_cols logsumexp_rows logsumexp_cols".split()
)


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_every_operator_there_and_back_by_value(op: Op) -> None:
    assert op.signature is not None
    shapes = [(a.subs(SIZES), b.subs(SIZES)) for a, b in op.signature.arguments]
    e = make(op.name, *(var(c, s) for c, s in zip("XYZ", shapes, strict=False)))
    if op.name in REFUSED:
        with pytest.raises(mc.UnsupportedError, match="SymPy has no form of"):
            to_sympy(e)
    else:
        assert check_equal(from_sympy(to_sympy(e)), e).ok
