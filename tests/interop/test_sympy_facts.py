"""The matrix derivatives of SymPy's own tests, each typed in our language, read from SymPy, and judged.

A row is the number of the Matrix Cookbook equation (or a name), SymPy's expression, the same formula as typed
here, the variable, and SymPy's answer: `None` where it has none or one that is no matrix. Rows of `WRONG` are
those that the judge refutes.

Source: sympy/matrices/expressions/tests/test_derivatives.py; Petersen & Pedersen, The Matrix Cookbook (2012).
"""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

import matcalc as mc
from matcalc.check.equal import check_equal
from matcalc.check.gradient import check_gradient
from matcalc.check.jacobian import check_jacobian
from matcalc.interop.sympy import from_sympy

DECLARED = ("A, B, C, D, X ∈ R^{k×k}", "Z ∈ R^{k×p}", "a, b, c, d, x, y ∈ R^k", "t ∈ R", "k ∈ N")
k = sp.Symbol("k", integer=True, positive=True)
SPACE: dict[str, Any] = {
    **{name: getattr(sp, name) for name in (
        "Trace", "Inverse", "Determinant", "Identity", "OneMatrix", "HadamardProduct", "HadamardPower",
        "DiagMatrix", "MatMul", "KroneckerProduct", "Rational", "sqrt", "sin", "cos", "tan", "exp", "log")},
    **{name: sp.MatrixSymbol(name, k, k) for name in "ABCDX"},
    **{name: sp.MatrixSymbol(name, k, 1) for name in "abcdxy"},
    "Z": sp.MatrixSymbol("Z", k, sp.Symbol("p", integer=True, positive=True)),
    "k": k,
    "t": sp.Symbol("t", real=True),
}
S, R = "(X.T*C*X).inv()", "(Z.T*C*Z).inv()"
FACTS: list[tuple[str, str, str, str, str | None]] = [
    ("one", "x.T*OneMatrix(k, 1)", "xᵀ1_k", "x", "OneMatrix(k, 1)"),
    ("61", "a.T*Inverse(X)*b", "aᵀX⁻¹b", "X", "-Inverse(X).T*a*b.T*Inverse(X).T"),
    ("62", "Determinant(Inverse(X))", "det(X⁻¹)", "X", None),
    ("63", "Trace(A*Inverse(X)*B)", "tr(AX⁻¹B)", "X", "-(X**(-1)*B*A*X**(-1)).T"),
    ("64", "Trace(Inverse(X + A))", "tr((X + A)⁻¹)", "X", "-(Inverse(X + A)).T**2"),
    ("69", "x.T*a", "xᵀa", "x", "a"),
    ("69 turned", "a.T*x", "aᵀx", "x", "a"),
    ("70", "a.T*X*b", "aᵀXb", "X", "a*b.T"),
    ("71", "a.T*X.T*b", "aᵀXᵀb", "X", "b*a.T"),
    ("72", "a.T*X*a", "aᵀXa", "X", "a*a.T"),
    ("72 turned", "a.T*X.T*a", "aᵀXᵀa", "X", "a*a.T"),
    ("77", "b.T*X.T*X*c", "bᵀXᵀXc", "X", "X*b*c.T + X*c*b.T"),
    ("78", "(B*x + b).T*C*(D*x + d)", "(Bx + b)ᵀC(Dx + d)", "x", "B.T*C*(D*x + d) + D.T*C.T*(B*x + b)"),
    ("81", "x.T*B*x", "xᵀBx", "x", "B*x + B.T*x"),
    ("82", "b.T*X.T*D*X*c", "bᵀXᵀDXc", "X", "D.T*X*b*c.T + D*X*c*b.T"),
    ("83", "(X*b + c).T*D*(X*b + c)", "(Xb + c)ᵀD(Xb + c)", "X", "D*(X*b + c)*b.T + D.T*(X*b + c)*b.T"),
    ("99", "Trace(X)", "tr X", "X", "Identity(k)"),
    ("100", "Trace(X*A)", "tr(XA)", "X", "A.T"),
    ("101", "Trace(A*X*B)", "tr(AXB)", "X", "A.T*B.T"),
    ("102", "Trace(A*X.T*B)", "tr(AXᵀB)", "X", "B*A"),
    ("103", "Trace(X.T*A)", "tr(XᵀA)", "X", "A"),
    ("104", "Trace(A*X.T)", "tr(AXᵀ)", "X", "A"),
    ("105", "Trace(KroneckerProduct(A, X))", "tr(A⊗X)", "X", None),
    ("106", "Trace(X**2)", "tr(X²)", "X", "2*X.T"),
    ("107", "Trace(X**2*B)", "tr(X²B)", "X", "(X*B + B*X).T"),
    ("108", "Trace(X.T*B*X)", "tr(XᵀBX)", "X", "B*X + B.T*X"),
    ("109", "Trace(B*X*X.T)", "tr(BXXᵀ)", "X", "B*X + B.T*X"),
    ("110", "Trace(X*X.T*B)", "tr(XXᵀB)", "X", "B*X + B.T*X"),
    ("111", "Trace(X*B*X.T)", "tr(XBXᵀ)", "X", "X*B.T + X*B"),
    ("112", "Trace(B*X.T*X)", "tr(BXᵀX)", "X", "X*B.T + X*B"),
    ("113", "Trace(X.T*X*B)", "tr(XᵀXB)", "X", "X*B.T + X*B"),
    ("114", "Trace(A*X*B*X)", "tr(AXBX)", "X", "A.T*X.T*B.T + B.T*X.T*A.T"),
    ("115", "Trace(X.T*X)", "tr(XᵀX)", "X", "2*X"),
    ("115 turned", "Trace(X*X.T)", "tr(XXᵀ)", "X", "2*X"),
    ("116", "Trace(B.T*X.T*C*X*B)", "tr(BᵀXᵀCXB)", "X", "C.T*X*B*B.T + C*X*B*B.T"),
    ("117", "Trace(X.T*B*X*C)", "tr(XᵀBXC)", "X", "B*X*C + B.T*X*C.T"),
    ("118", "Trace(A*X*B*X.T*C)", "tr(AXBXᵀC)", "X", "A.T*C.T*X*B.T + C*A*X*B"),
    ("119", "Trace((A*X*B + C)*(A*X*B + C).T)", "tr((AXB + C)(AXB + C)ᵀ)", "X", "2*A.T*(A*X*B + C)*B.T"),
    ("120", "Trace(KroneckerProduct(X, X))", "tr(X⊗X)", "X", None),
    ("121 at 5", "Trace(X**5)", "tr(X⁵)", "X", "5*(X**4).T"),
    ("122 at 3", "Trace(A*X**3)", "tr(AX³)", "X", None),
    ("123", "Trace(B.T*X.T*C*X*X.T*C*X*B)", "tr(BᵀXᵀCXXᵀCXB)", "X",
     "C*X*X.T*C*X*B*B.T + C.T*X*B*B.T*X.T*C.T*X + C*X*B*B.T*X.T*C*X + C.T*X*X.T*C.T*X*B*B.T"),
    ("124", "Trace(A*X**(-1)*B)", "tr(AX⁻¹B)", "X", "-Inverse(X).T*A.T*B.T*Inverse(X).T"),
    ("125", f"Trace({S}*A)", "tr((XᵀCX)⁻¹A)", "X",
     "-X.inv().T*A.T*X.inv()*C.inv().T*X.inv().T - X.inv().T*A*X.inv()*C.inv()*X.inv().T"),
    # For a square X as in SymPy's file the function is tr(C⁻¹B), which does not depend on X.
    ("126", f"Trace({R}*(Z.T*B*Z))", "tr((ZᵀCZ)⁻¹(ZᵀBZ))", "Z", f"-2*C*Z*{R}*Z.T*B*Z*{R} + 2*B*Z*{R}"),
    ("127", "Trace((A + X.T*C*X).inv()*(X.T*B*X))", "tr((A + XᵀCX)⁻¹(XᵀBX))", "X",
     "B*X*Inverse(A + X.T*C*X) - C*X*Inverse(A + X.T*C*X)*X.T*B*X*Inverse(A + X.T*C*X)"
     " - C.T*X*Inverse(A.T + (C*X).T*X)*X.T*B.T*X*Inverse(A.T + (C*X).T*X) + B.T*X*Inverse(A.T + (C*X).T*X)"),
    ("long", "a.T*(A*X*(X.T*B + X*A) + B.T*X.T*(a*b.T*(X*D*X.T + X*(X.T*B + A*X)*D*B - X.T*C.T*A)*B"
     " + B*(X*D.T + B*A*X*A.T - 3*X*D))*B + 42*X*B*X.T*A.T*(X + X.T))*b",
     "aᵀ(AX(XᵀB + XA) + BᵀXᵀ(abᵀ(XDXᵀ + X(XᵀB + AX)DB − XᵀCᵀA)B + B(XDᵀ + BAXAᵀ − 3XD))B"
     " + 42XBXᵀAᵀ(X + Xᵀ))b", "X", None),
    ("3 tr A", "3*Trace(A)", "3tr A", "A", "3*Identity(k)"),
    ("tr² A", "Trace(A)**2", "(tr A)²", "A", "2*Trace(A)*Identity(k)"),
    ("tr(tr(A)A)", "Trace(Trace(A)*A)", "tr(tr(A)A)", "A", "2*Trace(A)*Identity(k)"),
    ("tr(tr(tr(A)A)A)", "Trace(Trace(Trace(A)*A)*A)", "tr(tr(tr(A)A)A)", "A", "3*Trace(A)**2*Identity(k)"),
    ("root of xᵀy", "Trace(x.T*y)**Rational(1, 2)", "√(xᵀy)", "x", "y/(2*sqrt(Trace(x.T*y)))"),
    ("norm", "Trace(x.T*x)**Rational(1, 2)", "‖x‖", "x", "x*Trace(x.T*x)**Rational(-1, 2)"),
    ("root of a product", "Trace(c.T*a*x.T*b)**Rational(1, 3)", "(cᵀa xᵀb)^{1/3}", "x",
     "b*a.T*c*Trace(c.T*a*x.T*b)**Rational(-2, 3)/3"),
    ("root of aᵀXb", "Trace(a.T*X*b)**Rational(1, 2)", "√(aᵀXb)", "X", "a*b.T/(2*sqrt(Trace(a.T*X*b)))"),
    ("root inside", "Trace(d.T*x)*Trace(a.T*X*b)**Rational(1, 2)*Trace(y.T*c)", "dᵀx √(aᵀXb) yᵀc", "X",
     "a*x.T*d*y.T*c*b.T/(2*sqrt(Trace(a.T*X*b)))"),
    ("tangents", "x.applyfunc(tan)", "tan(x)", "x", "DiagMatrix(x.applyfunc(tan))**2 + Identity(k)"),
    ("A exp(x)", "A*x.applyfunc(exp)", "A exp(x)", "x", None),
    ("form and sines", "Trace(x.T*A*x) + k*Trace(y.applyfunc(sin).T*x)", "xᵀAx + k sin(y)ᵀx", "x",
     "A.T*x + A*x + k*y.applyfunc(sin)"),
    ("sines", "Trace(x.applyfunc(sin).T*y)", "sin(x)ᵀy", "x", "DiagMatrix(x.applyfunc(cos))*y"),
    ("sine of a form", "sin(Trace(a.T*X*b))", "sin(aᵀXb)", "X", "cos(Trace(a.T*X*b))*a*b.T"),
    ("aᵀ sin(X)b", "a.T*X.applyfunc(sin)*b", "aᵀ sin(X)b", "X", "DiagMatrix(a)*X.applyfunc(cos)*DiagMatrix(b)"),
    ("aᵀ sin(AXB)b", "a.T*(A*X*B).applyfunc(sin)*b", "aᵀ sin(AXB)b", "X",
     "A.T*DiagMatrix(a)*(A*X*B).applyfunc(cos)*DiagMatrix(b)*B.T"),
    ("aᵀA sin(X)Bb", "a.T*A*X.applyfunc(sin)*B*b", "aᵀA sin(X)Bb", "X",
     "HadamardProduct(A.T*a*b.T*B.T, X.applyfunc(cos))"),
    ("aᵀ log(A sin(X)B)b", "a.T*(A*X.applyfunc(sin)*B).applyfunc(log)*b", "aᵀ log(A sin(X)B)b", "X",
     "A.T*DiagMatrix(a)*HadamardPower(A*X.applyfunc(sin)*B, -1)*DiagMatrix(b)*B.T"),
    ("aᵀ log(sin(X))b", "a.T*X.applyfunc(sin).applyfunc(log)*b", "aᵀ log(sin(X))b", "X",
     "DiagMatrix(a)*HadamardPower(X.applyfunc(sin), -1)*DiagMatrix(b)"),
    ("a∘x∘b", "HadamardProduct(a, x, b)", "a∘x∘b", "x", "DiagMatrix(HadamardProduct(b, a))"),
    ("aᵀ(A∘X∘B)b", "a.T*HadamardProduct(A, X, B)*b", "aᵀ(A∘X∘B)b", "X", "HadamardProduct(a*b.T, A, B)"),
    ("x∘x", "HadamardPower(x, 2)", "x∘x", "x", "2*DiagMatrix(x)"),
    ("√x", "HadamardPower(x, Rational(1, 2))", "√x", "x", "DiagMatrix(HadamardPower(x, Rational(-1, 2)))/2"),
    ("square of aᵀXb", "Trace(a.T*X*b)**2", "(aᵀXb)²", "X", "2*a*a.T*X*b*b.T"),
    ("x xᵀx", "x*x.T*x", "x xᵀx", "x", "Trace(x.T*x)*Identity(k) + 2*x*x.T"),
    ("in a scalar", "Trace(t**2*X)", "tr(t²X)", "t", "2*t*Trace(X)"),
    ("in a scalar, of a vector", "sin(t)*A*B*x", "sin(t)ABx", "t", "cos(t)*A*B*x"),
    ("in a scalar, entrywise", "(sp_log_t*A*B).applyfunc(sin)", "sin(log(t)AB)", "t", None),
]
SPACE["sp_log_t"] = sp.log(SPACE["t"])
WRONG = {
    "126": "C and B must be symmetric; SymPy's file says so of its neighbours",
    "aᵀ log(A sin(X)B)b": "SymPy's file marks it as wrong: the factor cos(X) is missing",
    "aᵀ log(sin(X))b": "SymPy's file marks it as wrong: the factor cos(X) is missing",
}


@pytest.mark.parametrize(("name", "theirs", "typed", "variable", "answer"), FACTS, ids=[f[0] for f in FACTS])
def test_fact(name: str, theirs: str, typed: str, variable: str, answer: str | None) -> None:
    p = mc.problem(typed, *DECLARED)
    x = p.leaf(variable)
    f = p.objective
    assert p.derivative(variable).check.ok
    again = from_sympy(eval(theirs, dict(SPACE)))
    again = again if again.shape == f.shape else again.T
    if name != "in a scalar, entrywise":
        assert check_equal(again, f).ok, again
    if answer is not None:
        G = from_sympy(eval(answer, dict(SPACE)))
        evidence = check_gradient(f, {x: G}) if f.is_scalar else check_jacobian(f, x, G)
        assert evidence.ok is (name not in WRONG), evidence.why
