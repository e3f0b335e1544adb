"""Compiled functions: what they accept, what they keep, what they say when something does not fit."""

from __future__ import annotations

import pickle
import threading
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

import matcalc as mc
from matcalc.app.function import Function

A, X, B = np.arange(6.0).reshape(3, 2), np.ones(2), np.ones(3)


@pytest.fixture(scope="module")
def f() -> Function:
    return mc.problem("λ‖Ax − b‖²").compile("x", "lambda")


def test_value_and_gradients(f: Function) -> None:
    value, (gx, gλ) = f(A=A, x=X, b=B, λ=2)
    r = A @ X - B
    assert np.isclose(value, 2 * r @ r) and np.allclose(gx, 4 * A.T @ r) and np.isclose(gλ, r @ r)


@pytest.mark.parametrize("spelling", ["λ", "lambda_", "lambda", "\\lambda"])
def test_every_spelling_of_a_name(f: Function, spelling: str) -> None:
    assert f(**{"A": A, "x": X, "b": B, spelling: 3})[0] == f(A=A, x=X, b=B, λ=3)[0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_kinds_of_numbers_are_kept(f: Function, dtype: type) -> None:
    value, (gx, _) = f(A=A.astype(dtype), x=X.astype(dtype), b=B.astype(dtype), λ=0.5)
    assert gx.dtype == dtype and np.asarray(value).dtype == dtype


def test_lists_and_integers_are_arrays(f: Function) -> None:
    assert f(A=A.tolist(), x=[1, 1], b=[1, 1, 1], λ=2)[0] == f(A=A, x=X, b=B, λ=2.0)[0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"A": A, "x": X, "b": B}, "missing: λ"),
        ({"A": A, "x": X, "b": B, "λ": 1, "C": 1}, "no argument C"),
        ({"A": A, "x": X, "b": B, "λ": 1, "lambda_": 1}, "given twice"),
        ({"A": A, "x": X[:, None], "b": B, "λ": 1}, "x.ravel()"),
        ({"A": X, "x": X, "b": B, "λ": 1}, "A has shape (2,)"),
        ({"A": A, "x": X, "b": B, "λ": X}, "a scalar is needed"),
        ({"A": A, "x": np.ones(3), "b": B, "λ": 1}, "x has shape (3,)"),
        ({"A": A * 1j, "x": X, "b": B, "λ": 1}, "real numbers"),
        ({"A": [[1, 2], [3]], "x": X, "b": B, "λ": 1}, "A"),
        ({"A": A, "x": "text", "b": B, "λ": 1}, "x"),
    ],
)
def test_what_is_wrong_is_named(f: Function, given: dict[str, object], message: str) -> None:
    with pytest.raises(mc.ShapeError) as caught:
        f(**given)
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["tr(A'X) + tr(B'X)", "a'x", "sum(X)", "X:Y", "tr(X)", "½‖X‖²", "x'y + y'z"])
def test_results_share_memory_with_nothing(text: str) -> None:
    p = mc.problem(text)
    names = p.names()
    rng = np.random.default_rng(0)
    given = {n: rng.standard_normal((3,) * len(p.variables[n].shape)) for n in names}
    before = {n: a.copy() for n, a in given.items()}
    _, results = p.compile()(**given)
    arrays = [*given.values(), *(results if isinstance(results, tuple) else (results,))]
    for i, a in enumerate(arrays):
        assert not any(np.shares_memory(a, b) for b in arrays[i + 1 :])
    assert all(np.array_equal(before[n], given[n]) for n in names)


def test_order_zero_is_the_bare_value() -> None:
    assert mc.problem("x'y").compile(order=0)(x=[1, 2], y=[3, 4]) == 11


def test_sizes_that_share_a_name_agree() -> None:
    f = mc.problem("a'(x⊗c)").compile("x")
    assert f(a=np.arange(6.0), x=np.ones(2), c=np.ones(3))[1].tolist() == [3, 12]
    with pytest.raises(mc.ShapeError):
        f(a=np.arange(7.0), x=np.ones(2), c=np.ones(3))


def test_pickles(f: Function) -> None:
    g = pickle.loads(pickle.dumps(f))
    assert g.source == f.source and g(A=A, x=X, b=B, λ=2)[0] == f(A=A, x=X, b=B, λ=2)[0]


def test_several_threads(f: Function) -> None:
    found: dict[int, float] = {}

    def work(k: int) -> None:
        found[k] = f(A=A, x=X, b=B, λ=k)[0]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    one = f(A=A, x=X, b=B, λ=1)[0]
    assert all(np.isclose(found[k], k * one) for k in range(8))


@pytest.mark.parametrize("number", [None, 1j, "a", [1.0], np.array([1.0, 2.0])])
def test_what_is_no_number_is_refused(f: Function, number: object) -> None:
    with pytest.raises(mc.ShapeError, match=r"λ|lambda"):
        f(A=A, x=X, b=B, λ=number)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [None, 1.5, -1, np.nan, "a", [2]])
def test_what_is_no_dimension_is_refused(number: object) -> None:
    with pytest.raises(mc.ShapeError, match="is no dimension"):
        mc.problem("n x'x", "n ∈ N; x ∈ R^m").compile("x")(x=X, n=number)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("‖X‖_2", (0, 3)),
        ("eigmax(X)", (0, 0)),
        ("X[2,3]", (2, 2)),
        ("sum(X[1:3,:])", (2, 2)),
        ("sum_{i=1}^{m-1} ‖X[i+1,:] - X[i,:]‖²", (0, 2)),
    ],
)
def test_arrays_that_are_too_small(text: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(mc.ShapeError):
        mc.problem(text).compile("X")(X=np.ones(shape))


@pytest.mark.parametrize("order", [0, 1])
def test_an_index_stays_inside(order: int) -> None:
    entry = mc.problem("x[k]²", "k ∈ N; x ∈ R^n").compile("x", order=order)
    assert (entry(x=[1.0, 2.0], k=2) if order == 0 else entry(x=[1.0, 2.0], k=2)[0]) == 4.0
    part = mc.problem("sum(x[k:n])", "x ∈ R^n").compile("x", order=order)
    assert (part(x=[1.0, 2.0, 3.0], k=2) if order == 0 else part(x=[1.0, 2.0, 3.0], k=2)[0]) == 5.0
    for k in (0, 5):
        for f in (entry, part):
            with pytest.raises(mc.ShapeError):
                f(x=[1.0, 2.0, 3.0], k=k)


def test_arrays_are_given_by_name(f: Function) -> None:
    with pytest.raises(mc.ShapeError, match="arrays are given by name"):
        f(A, X, B, 1.0)


@dataclass(frozen=True)
class Functions:
    """A problem with functions that were only named, and its data."""

    p: ClassVar[Any] = mc.problem("sum(f(Aw)) + y'g(w) + f(λ)", "f, g elementwise")
    data: ClassVar[dict[str, Any]] = {"A": A, "w": X, "y": np.array([2.0, -1.0]), "λ": 0.3}
    given: ClassVar[dict[str, Any]] = {"f": np.sin, "df": np.cos, "g": np.exp, "dg": np.exp}


def test_functions_are_given_with_their_derivatives() -> None:
    F = Functions
    value, (gw, gλ) = F.p.compile("w", "λ")(**F.data, **F.given)
    assert np.isclose(value, np.sin(A @ X).sum() + F.data["y"] @ np.exp(X) + np.sin(0.3))
    assert np.allclose(gw, A.T @ np.cos(A @ X) + F.data["y"] * np.exp(X)) and np.isclose(gλ, np.cos(0.3))


def test_second_derivatives_are_keywords_too() -> None:
    F = Functions
    more = {"d2f": lambda z: -np.sin(z), "d2g": np.exp}
    _, _, H = F.p.compile("w", order=2)(**F.data, **F.given, **more)
    wanted = A.T @ np.diag(-np.sin(A @ X)) @ A + np.diag(F.data["y"] * np.exp(X))
    assert np.allclose(H, wanted)
    v = np.array([0.5, 2.0])
    assert np.allclose(F.p.compile("w", order="hvp")(**F.data, **F.given, **more, direction=v)[2], wanted @ v)


def test_a_given_function_never_shares_memory() -> None:
    _, G = mc.problem("sum(f(x))", "f elementwise").compile("x")(x=X, f=lambda z: z, df=lambda z: z)
    assert np.array_equal(G, X) and not np.shares_memory(G, X)


@pytest.mark.parametrize(("wrong", "says"), [({"f": np.sum}, "entry by entry"), ({"f": 3}, "must be a function")])
def test_what_is_no_function_of_an_entry_is_refused(wrong: dict[str, object], says: str) -> None:
    F = Functions
    with pytest.raises(mc.ShapeError, match=says):
        F.p.compile("w")(**F.data, **{**F.given, **wrong})
    with pytest.raises(mc.ShapeError, match="missing: df"):
        F.p.compile("w")(**F.data, f=np.sin, g=np.exp, dg=np.exp)
    with pytest.raises(mc.UnsupportedError, match="no solver"):
        F.p.solver("w")


def test_no_name_is_all_names() -> None:
    p = mc.problem("x'Ax", "A ∈ Sym(n)")
    assert {n: str(h) for n, h in p.hessian().items()} == {"x": "2A", "A": str(p.hessian("A"))}
    assert list(mc.problem("Ax").jacobian()) == ["A", "x"]


def test_a_wrong_call_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="colour"):
        mc.problem("x'x").gradient("x", colour="red")


def test_a_text_is_no_sympy_expression() -> None:
    with pytest.raises(mc.UnsupportedError, match="problem"):
        mc.from_sympy("x")


def test_a_pseudo_inverse_of_a_transpose_has_a_name() -> None:
    f = mc.problem("tr(B pinv(A')S)").compile("B")
    data = {"A": A, "B": np.ones((4, 3)), "S": np.ones((2, 4))}
    assert np.isclose(f(**data)[0], np.trace(data["B"] @ np.linalg.pinv(A.T) @ data["S"]))


# ── singular matrices ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("n", [1, 3, 5, 7])
@pytest.mark.parametrize("text", ["det(V)", "det(AVAᵀ)", "det(V)²"])
def test_a_determinant_of_odd_order_of_a_skew_matrix_has_the_gradient_zero(text: str, n: int) -> None:
    p = mc.problem(text, "V ∈ Skew(n); A ∈ R^{n×n}")
    W, A = np.random.default_rng(n).standard_normal((2, n, n))
    data = {"V": W - W.T} | ({"A": A} if "A" in text else {})
    _, g = p.compile("V")(**data)
    assert np.allclose(g, 0, atol=1e-9)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_the_gradient_of_a_determinant_is_the_adjugate_also_where_that_has_no_inverse(rank: int) -> None:
    f = mc.problem("2λ det(X)", "X ∈ R^{n×n}").compile("X")
    L, R = np.random.default_rng(rank).standard_normal((2, 3, rank))
    for X in (L @ R.T, np.diag([1.0, 1, 1, 0, 0][3 - rank :][:3]), np.zeros((3, 3))):
        cofactors = [
            [(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(X, i, 0), j, 1)) for j in range(3)] for i in range(3)
        ]
        value, g = f(X=X, λ=0.5)
        assert np.allclose(g, cofactors, atol=1e-12) and np.isclose(value, np.linalg.det(X), atol=1e-12)


@pytest.mark.parametrize(
    ("text", "declare", "says"),
    [
        ("tr(X⁻¹)", "X ∈ R^{n×n}", "a matrix that is inverted is singular"),
        ("‖X⁻¹b‖²", "X ∈ R^{n×n}; b ∈ R^n", "a matrix that is inverted is singular"),
        ("bᵀX⁻¹b + logdet(X)", "X ∈ SPD(n)", "a matrix that must be positive definite is not"),
    ],
)
def test_a_singular_matrix_is_named(text: str, declare: str, says: str) -> None:
    p = mc.problem(text, declare)
    data = {"X": np.zeros((2, 2)), "b": np.ones(2)}
    with pytest.raises(mc.SingularError, match=says), np.errstate(all="ignore"):
        p.compile("X")(**{n: data[n] for n in p.variables})
