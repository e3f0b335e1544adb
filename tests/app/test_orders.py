"""Programs of second order against differences of the gradient's program."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc as mc

PROBLEMS = [
    ("‖Ax − b‖² + sum(exp(x))", (), ("x",)),
    ("logsumexp(Ax + b)", (), ("x", "b")),
    ("‖Y − UVᵀ‖² + λ‖U‖²", (), ("U", "V")),
    ("λ³ + λ x'x", (), ("λ",)),
    ("λ³ + λ x'x", (), ("x", "λ")),
    ("tr(XAXB)", ("A ∈ R^{n×n}",), ("X",)),
    ("½‖A Diag(s) Bᵀ − C‖²", (), ("s", "A")),
    ("√(1 + ‖softmax_rows(X)‖²)", ("X ∈ {0,1}^{m×n}",), ("X",)),
    ("x'x sum(Y)", ("Y ∈ R^{m×n}",), ("Y", "x")),
    ("log(1 + sum(Y)^2 + x'x)", ("Y ∈ R^{m×n}",), ("Y", "x")),
    ("‖[Hx + A'y; Ax − b]‖²", (), ("x", "y")),
    ("‖γ(M + qq')^{-1}1_n − softmax(p∘s)‖²", ("M ∈ R^{n×n}",), ("q",)),
]
SIZES = {"m": 3, "n": 4, "k": 2}


def point(p: mc.Problem) -> dict[str, Any]:
    """Random arrays for every variable."""
    rng = np.random.default_rng(0)
    return {n: rng.standard_normal([d.at(SIZES) for d in v.shape]) if v.shape else 0.7 for n, v in p.variables.items()}


def listed(x: Any) -> list[Any]:
    return list(x) if isinstance(x, tuple) else [x]


def vec(arrays: list[Any]) -> Any:
    return np.concatenate([np.ravel(a, order="F") for a in arrays])


@pytest.mark.parametrize(("text", "declare", "names"), PROBLEMS)
def test_second_order(text: str, declare: tuple[str, ...], names: tuple[str, ...]) -> None:
    p = mc.problem(text, *declare)
    x = point(p)
    f = p.compile(*names)
    rng = np.random.default_rng(1)
    direction = [rng.standard_normal(np.shape(x[n])) for n in names]
    h = 1e-6

    def shifted(t: float) -> Any:
        return vec(listed(f(**(x | {n: x[n] + t * d for n, d in zip(names, direction, strict=True)}))[1]))

    slope = (shifted(h) - shifted(-h)) / (2 * h)
    value, gradient, hessian = p.compile(*names, order=2)(**x)
    assert np.isclose(value, f(**x)[0]) and np.allclose(vec(listed(gradient)), vec(listed(f(**x)[1])))
    assert (
        hessian.ndim == 2
        and np.allclose(hessian, hessian.T)
        and np.allclose(hessian @ vec(direction), slope, atol=1e-6)
    )
    given = direction[0] if len(names) == 1 else tuple(direction)
    _, _, product = p.compile(*names, order="hvp")(**x, direction=given)
    assert [np.shape(a) for a in listed(product)] == [np.shape(x[n]) for n in names]
    assert np.allclose(vec(listed(product)), slope, atol=1e-6)


def test_a_direction_that_does_not_fit() -> None:
    f = mc.problem("‖Y − UVᵀ‖²").compile("U", "V", order="hvp")
    arrays = {"Y": np.ones((3, 2)), "U": np.ones((3, 1)), "V": np.ones((2, 1))}
    for wrong in (
        {},
        {"direction": np.ones((3, 1))},
        {"direction": (np.ones((3, 1)),)},
        {"direction": (np.ones((3, 1)), np.ones((3, 1)))},
    ):
        with pytest.raises(mc.ShapeError):
            f(**arrays, **wrong)


def test_no_such_order() -> None:
    with pytest.raises(mc.UnsupportedError):
        mc.problem("x'x").compile("x", order=3)


def test_directions_take_no_name_that_is_in_use() -> None:
    found = mc.problem("‖U∘U∘D_U‖² + ‖UVᵀ‖²").hvp("U", "V")
    assert str(found["U"]) == "12D_U.^2∘E_U∘U.^2 + 2(UVᵀE_V + (E_UVᵀ + UE_Vᵀ)V)"
    assert "z" in str(mc.problem("v := Ax\n(v'v)^2").hvp("x"))
    with pytest.raises(mc.UnsupportedError, match="direction is a variable here"):
        mc.problem("‖direction∘x‖²", "direction ∈ R^n").compile("x", order="hvp")


@pytest.mark.parametrize("text", ["sum(log(1 − x))", "−log(1 − x'x)", "sum(x∘log(x)) + sum((1 − x)∘log(1 − x))"])
def test_a_hessian_that_is_checked_at_one_entry(text: str) -> None:
    """Where most random points lie outside of the domain, the check may meet n = 1: the Hessian is 1×1, no number."""
    _, _, H = mc.problem(text).compile("x", order=2)(x=np.array([0.3]))
    assert H.shape == (1, 1)


def test_values_that_overflow_are_checked_elsewhere() -> None:
    f = mc.problem("exp((x'y)^4)").compile("x")
    assert np.allclose(f(x=np.array([0.5]), y=np.array([1.0]))[1], 4 * 0.125 * np.exp(0.0625))


STRUCTURED = [
    ("tr(AXBX)", "X ∈ Sym(n)", lambda Z: Z + Z.T),
    ("tr(AXBX)", "X ∈ Skew(n)", lambda Z: Z - Z.T),
    ("tr(XX'A) + tr(XBX)", "X ∈ Tril(n)", np.tril),
    ("‖XAX − B‖²", "X ∈ Diag(n)", lambda Z: np.diag(np.diag(Z))),
    ("logdet(X) + tr(AX⁻¹)", "X ∈ SPD(n)", lambda Z: Z @ Z.T + np.eye(len(Z))),
]


@pytest.mark.parametrize(("text", "structure", "shaped"), STRUCTURED)
def test_the_hessian_in_a_structured_variable_is_symmetric(text: str, structure: str, shaped: Any) -> None:
    p = mc.problem(text, structure)
    rng = np.random.default_rng(2)
    given = {n: rng.standard_normal((4, 4)) for n in p.variables}
    X, V, h = shaped(given["X"]), rng.standard_normal((4, 4)), 1e-6
    V = V + V.T if "SPD" in structure else shaped(V)  # a direction in the space of X
    _, _, H = p.compile("X", order=2)(**given | {"X": X})
    f = p.compile("X")
    slope = (f(**given | {"X": X + h * V})[1] - f(**given | {"X": X - h * V})[1]) / (2 * h)
    assert np.allclose(H, H.T)
    assert np.allclose(H @ V.ravel(order="F"), slope.ravel(order="F"), atol=1e-5)
