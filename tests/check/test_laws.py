"""The laws that uninterpreted functions obey modulo p hold for the real functions; so do the slopes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

import pytest

import matcalc.operators  # noqa: F401
from matcalc.check.arithmetic import Arithmetic, Matrix, NotExact, Pole
from matcalc.check.equal import check_equal
from matcalc.check.functions import SLOPES
from matcalc.check.prime import Modular, P, Q
from matcalc.check.real import Digits
from matcalc.core.algebra import hadamard, var
from matcalc.core.dims import Dim
from matcalc.core.tree import OPS, make

HALF = Fraction(1, 2)
def square(K: Arithmetic, name: str, x: Any) -> Any:
    return K.root(K.f(name, x), 2)


def log_softmax(K: Arithmetic, *x: Any) -> Any:
    X, places = Matrix(len(x), 1, [*x]), [(i, 0) for i in range(len(x))]
    return K.f("log", K.softmax(X, places, (0, 0))) - (x[0] - K.logsumexp(X, places))


def root_of_product(K: Arithmetic, x: Any, y: Any) -> Any:
    return K.root(x * x, HALF) * K.root(y * y, HALF) - K.root(x * x * y * y, HALF)


def root_of_root(K: Arithmetic, x: Any, y: Any) -> Any:
    return K.root(K.root(x * x, Fraction(1, 3)), HALF) - K.root(x * x, Fraction(1, 6))


LAWS: dict[str, Callable[..., Any]] = {  # each says that something is 0
    "exp(−x) = 1/exp(x)": lambda K, x, y: K.f("exp", -x) - K.over(K.one, K.f("exp", x)),
    "exp(0) = 1": lambda K, x, y: K.f("exp", K.zero) - K.one,
    "exp has a root": lambda K, x, y: K.root(K.root(K.f("exp", x), HALF), 2) - K.f("exp", x),
    "log exp x = x": lambda K, x, y: K.f("log", K.f("exp", x)) - x,
    "log(1/x) = −log x": lambda K, x, y: K.f("log", K.over(K.one, x)) + K.f("log", x),
    "log|−x| = log|x|": lambda K, x, y: K.f("logabs", -x) - K.f("logabs", x),
    "log 1 = 0": lambda K, x, y: K.f("log", K.one),
    "softplus(x) − softplus(−x) = x": lambda K, x, y: K.f("softplus", x) - K.f("softplus", -x) - x,
    "log σ(x) = −softplus(−x)": lambda K, x, y: K.f("log", K.f("sigmoid", x)) + K.f("softplus", -x),
    "σ(x) + σ(−x) = 1": lambda K, x, y: K.f("sigmoid", x) + K.f("sigmoid", -x) - K.one,
    "cosh² − sinh² = 1": lambda K, x, y: square(K, "cosh", x) - square(K, "sinh", x) - K.one,
    "sin² + cos² = 1": lambda K, x, y: square(K, "sin", x) + square(K, "cos", x) - K.one,
    "sin(0) = 0": lambda K, x, y: K.f("sin", K.zero),
    "cos(0) = 1": lambda K, x, y: K.f("cos", K.zero) - K.one,
    "cos(−x) = cos x": lambda K, x, y: K.f("cos", -x) - K.f("cos", x),
    "Φ(x) + Φ(−x) = 1": lambda K, x, y: K.f("normcdf", x) + K.f("normcdf", -x) - K.one,
    "Φ(0) = ½": lambda K, x, y: K.f("normcdf", K.zero) - K.half,
    "expm1(x) + 1 = exp x": lambda K, x, y: K.f("expm1", x) + K.one - K.f("exp", x),
    "log softmax(x) = x − logsumexp(x)": log_softmax,
    "log softmax(0) = −logsumexp(0)": lambda K, x, y: log_softmax(K, *[K.zero] * 3),
    "√x √y = √(xy)": root_of_product,
    "(x^⅓)^½ = x^(1/6)": root_of_root,
    "√12 = 2√3": lambda K, x, y: K.root(K.number(12), HALF) - 2 * K.root(K.number(3), HALF),
    **{f"{name} is odd": lambda K, x, y, name=name: K.f(name, -x) + K.f(name, x)
       for name in ("sin", "tan", "sinh", "tanh", "arctan", "erf")},
}


@pytest.mark.parametrize("law", LAWS)
def test_law_holds_modulo_p(law: str) -> None:
    for trial in range(20):
        K, rng = Modular(trial), Random(trial)
        assert LAWS[law](K, K.random(rng, "normal"), K.random(rng, "normal")) % P == 0


@pytest.mark.parametrize("law", LAWS)
def test_law_holds_for_the_real_functions(law: str) -> None:
    K, rng = Digits(), Random(law)
    for _ in range(5):
        assert abs(LAWS[law](K, K.random(rng, "positive"), K.random(rng, "positive"))) < 1e-50


def test_no_other_law_is_assumed() -> None:
    """Values of different arguments are independent: exp(x + y) is no product, log(xy) no sum."""
    K, rng = Modular(1), Random(1)
    x, y = K.random(rng, "normal"), K.random(rng, "normal")
    assert K.f("exp", x + y) != K.f("exp", x) * K.f("exp", y) % P
    assert K.f("log", x * y) != (K.f("log", x) + K.f("log", y)) % P
    assert K.f("sin", x) != K.f("cos", x)
    assert Modular(2).f("exp", x) != K.f("exp", x)


@pytest.mark.parametrize("name", sorted(SLOPES))
def test_slope_is_the_derivative(name: str) -> None:
    """At 50 digits, by a difference quotient of the function itself."""
    K = Digits()
    more = {"polygamma": (2,), "unknown": ("g", 1)}.get(name, ())
    for x in (K.convert(0.375), K.convert(0.8125)):
        h = K.library.mpf(10) ** -15
        quotient = (K.f(name, x + h, *more) - K.f(name, x - h, *more)) / (2 * h)
        assert abs(quotient - SLOPES[name](K, x, *more)) < 1e-25


ELEMENTWISE = [name for name, op in OPS.items() if op.kind == "elementwise"]
COMPARED = {"abs", "sign", "relu", "step", "arcsin", "arccos"}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_derivative_column(name: str) -> None:
    """The operator's own derivative against the judge's: d f(X) = f′(X)∘dX."""
    attributes = {"polygamma": {"order": 2}, "apply": {"name": "g", "order": 1}}.get(name, {})
    X = var("X", (Dim.name("m"), Dim.name("n")))
    derivative = OPS[name].derivative
    assert derivative is not None
    claimed = hadamard(derivative(X, **attributes), make("d", X))
    found = check_equal(make("d", make(name, X, **attributes)), claimed)
    assert found.ok, found.why
    assert found.method == ("50 digits" if name in COMPARED else "exact")
    assert not check_equal(make("d", make(name, X, **attributes)), 2 * claimed + make("d", X)).ok


# ── the prime ─────────────────────────────────────────────────────────────────────────────────────────────
def test_the_prime() -> None:
    from sympy import isprime

    assert isprime(P) and isprime(Q) and P == 2 * Q + 1 and P % 12 == 11
    assert all(pow(small, Q, P) == 1 for small in range(1, 24))


def test_dual_numbers_are_packed_integers() -> None:
    """(a + bε)(c + dε) = ac + (ad + bc)ε, for negative sums as well."""
    K, rng = Modular(0), Random(3)
    for _ in range(200):
        a, b, c, d = (rng.randrange(P) for _ in range(4))
        x, y = K.join(a, b), K.join(c, d)
        assert K.split(K.reduce(x * y)) == (a * c % P, (a * d + b * c) % P)
        assert K.split(K.reduce(-x * y)) == (-a * c % P, -(a * d + b * c) % P)
        assert K.split(K.reduce(x - 5 * y)) == ((a - 5 * c) % P, (b - 5 * d) % P)
        assert K.split(K.reduce(-7 * x * y * y)) == (-7 * a * c * c % P, -7 * (2 * a * c * d + b * c * c) % P)
        assert K.split(K.reduce(sum([x * y] * 4096))) == (4096 * a * c % P, 4096 * (a * d + b * c) % P)


def test_what_is_compared_has_no_exact_value() -> None:
    K = Modular(0)
    for name in ("abs", "sign", "step", "relu", "arcsin"):
        with pytest.raises(NotExact):
            K.f(name, 5)
    with pytest.raises(NotExact):
        K.fn("max", 5, 7)


OUTSIDE = [("log", -1.0), ("arcsin", 1.5), ("lgamma", -0.5), ("polygamma", -0.5)]


@pytest.mark.parametrize(("name", "x"), OUTSIDE)
def test_outside_the_real_domain_another_point_is_drawn(name: str, x: float) -> None:
    K = Digits()
    with pytest.raises(Pole):
        K.f(name, K.convert(x), *((0,) if name == "polygamma" else ()))


def test_roots_of_non_squares_and_of_zero() -> None:
    K = Modular(0)
    non_square = next(a for a in range(2, 99) if pow(a, Q, P) != 1)
    with pytest.raises(Pole):
        K.root(non_square, HALF)
    with pytest.raises(Pole):
        K.root(0, -1)
    with pytest.raises(Pole):
        K.power(K.join(0, 1), HALF)
    assert K.power(K.join(0, 1), 3) == 0
