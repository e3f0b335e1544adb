"""Elementwise functions: a row has the derivative as an expression, and the names that targets use.

`value` is by entries through the arithmetic's own function of that name. At non-smooth points:
sign(0) = step(0) = relu′(0) = 0.

Source: Abramowitz & Stegun (1964), chapters 4, 6 and 7.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from matcalc.core.algebra import (
    ONES,
    ZEROS,
    const,
    hadamard,
    neg,
    ones,
    power,
    reciprocal,
    scale,
    scaled,
    split_coefficient,
    sub,
    zeros,
)
from matcalc.core.powers import by_base
from matcalc.core.tree import Expr, define, make
from matcalc.ir.array import build
from matcalc.ir.lowering import entrywise, plain

HALF = Fraction(1, 2)


def elementwise(name: str, derivative: Callable[[Expr], Expr], numpy: str, says: str, *, at_zero: int | None = None,
                spellings: tuple[str, ...] = (), **columns: Any) -> None:
    """Enter an elementwise function; `at_zero` is f(0) where it is a rational number."""
    odd, even = columns.get("odd", False), columns.get("even", False)

    def normal(x: Expr) -> Expr | None:
        if x.op is ZEROS and at_zero is not None:
            return scale(at_zero, ones(x.shape))
        c, rest = split_coefficient(x)
        if c < 0 and (odd or even):
            flipped = make(name, neg(x))
            return neg(flipped) if odd else flipped
        return None

    define(name, "(m,n)->(m,n)", kind="elementwise", derivative=derivative, normal=columns.pop("normal", normal),
           numpy=numpy, lower=entrywise(name), says=says, transpose="inside", spellings=(name, *spellings),
           value=lambda K, X: K.build(X.m, X.n, lambda i, j: K.fn(name, X[i, j])), **columns)


def _fn(name: str) -> Callable[[Expr], Expr]:
    return lambda x: make(name, x)


def _over_sqrt(inside: Callable[[Expr], Expr]) -> Callable[[Expr], Expr]:
    return lambda x: power(inside(x), -HALF)


def _one(x: Expr) -> Expr:
    return ones(x.shape)


def _gauss(factor: Callable[[], Expr], rate: Fraction | int) -> Callable[[Expr], Expr]:
    return lambda x: scaled(factor(), make("exp", scale(-rate, power(x, 2))))


_DENSITY = _gauss(lambda: power(scale(2, const("π")), -HALF), HALF)


def _exp(x: Expr) -> Expr | None:
    """e⁰ = 1; between scalars each base of a power stands once: aᵇcᵇ/a is aᵇ⁻¹cᵇ."""
    if x.op is ZEROS:
        return ones(x.shape)
    gathered = by_base(x) if x.is_scalar else None
    return None if gathered is None or by_base(gathered) is not None else make("exp", gathered)


def _log(x: Expr) -> Expr | None:
    if x.op is ONES:
        return zeros(x.shape)
    return x.args[0] if x.op.name == "exp" else None


elementwise("exp", _fn("exp"), "np.exp", "the exponential", at_zero=1, normal=_exp, positive=True)
elementwise("log", reciprocal, "np.log", "the natural logarithm", spellings=("ln",), normal=_log, domain="{} > 0")
elementwise("sin", _fn("cos"), "np.sin", "the sine", at_zero=0, odd=True)
elementwise("cos", lambda x: neg(make("sin", x)), "np.cos", "the cosine", at_zero=1, even=True)
elementwise("tan", lambda x: power(make("cos", x), -2), "np.tan", "the tangent", at_zero=0, odd=True,
            domain="no entry of cos({}) is 0")
elementwise("sinh", _fn("cosh"), "np.sinh", "the hyperbolic sine", at_zero=0, odd=True)
elementwise("cosh", _fn("sinh"), "np.cosh", "the hyperbolic cosine", at_zero=1, even=True, positive=True)
elementwise("tanh", lambda x: sub(_one(x), power(make("tanh", x), 2)), "np.tanh", "the hyperbolic tangent",
            at_zero=0, odd=True)
elementwise("arcsin", _over_sqrt(lambda x: sub(_one(x), power(x, 2))), "np.arcsin", "the inverse sine", at_zero=0,
            odd=True, spellings=("asin",), domain="|{}| < 1", exact=False)
elementwise("arccos", lambda x: neg(power(sub(_one(x), power(x, 2)), -HALF)), "np.arccos", "the inverse cosine",
            spellings=("acos",), domain="|{}| < 1", exact=False)
elementwise("arctan", lambda x: reciprocal(_one(x) + power(x, 2)), "np.arctan", "the inverse tangent", at_zero=0,
            odd=True, spellings=("atan",))
elementwise("sigmoid", lambda x: hadamard(make("sigmoid", x), make("sigmoid", neg(x))), "sigmoid",
            "the logistic function 1/(1 + exp(−x))", positive=True, below_one=True)
elementwise("softplus", _fn("sigmoid"), "softplus", "log(1 + exp(x))", positive=True)
elementwise("relu", _fn("step"), "relu", "max(x, 0)", at_zero=0,
            nonnegative=True, smooth="no entry of {} is 0")
elementwise("step", lambda x: zeros(x.shape), "step", "1 for x > 0, else 0", at_zero=0,
            legend="step(x) is 1 for x > 0, else 0: at 0 a subgradient of max(x, 0)",
            nonnegative=True, smooth="no entry of {} is 0")
elementwise("abs", _fn("sign"), "np.abs", "the absolute value", at_zero=0, even=True,
            nonnegative=True, smooth="no entry of {} is 0")
elementwise("sign", lambda x: zeros(x.shape), "np.sign", "the sign, 0 at 0", at_zero=0, odd=True,
            legend="sign(0) = 0, there a subgradient of |x|", smooth="no entry of {} is 0")
elementwise("erf", _gauss(lambda: scale(2, power(const("π"), -HALF)), 1), "erf", "the error function",
            at_zero=0, odd=True)
elementwise("log1p", lambda x: reciprocal(_one(x) + x), "np.log1p", "log(1 + x)", at_zero=0, domain="{} > −1")
elementwise("expm1", _fn("exp"), "np.expm1", "exp(x) − 1", at_zero=0)
elementwise("normcdf", _DENSITY, "normcdf", "the standard normal distribution function", positive=True, below_one=True)
elementwise("lognormcdf", lambda x: hadamard(_DENSITY(x), reciprocal(make("normcdf", x))), "lognormcdf",
            "the logarithm of the standard normal distribution function")
elementwise("lgamma", _fn("digamma"), "lgamma", "log Γ(x)", domain="{} > 0")
elementwise("digamma", _fn("trigamma"), "digamma", "the derivative of log Γ", domain="{} > 0")
elementwise("trigamma", lambda x: make("polygamma", x, order=2), "trigamma", "the second derivative of log Γ",
            domain="{} > 0")

define("polygamma", kind="elementwise", attributes=("order",), spellings=("polygamma",), shape=lambda x, order: x.shape,
       derivative=lambda x, order: make("polygamma", x, order=order + 1), transpose="inside",
       says="the derivatives of digamma", exact=False, lower=entrywise("polygamma"),
       value=lambda K, X, order: K.build(X.m, X.n, lambda i, j: K.fn("polygamma", X[i, j], order)))

define("apply", kind="elementwise", attributes=("name", "order"), spellings=(), shape=lambda x, name, order: x.shape,
       derivative=lambda x, name, order: make("apply", x, name=name, order=order + 1), transpose="inside",
       says="an elementwise function that was only named, and its derivatives f′, f″",
       lower=lambda e, x: build("apply", x, attrs=e.attrs),
       value=lambda K, X, name, order: K.build(X.m, X.n, lambda i, j: K.unknown(name, order, X[i, j])))


def _extremum(name: str, sign: int) -> Callable[[Expr, Expr], Expr | None]:
    def normal(x: Expr, y: Expr) -> Expr | None:
        if x is y:
            return x
        for a, b in ((x, y), (y, x)):
            if b.op is ZEROS:
                return scale(sign, make("relu", scale(sign, a)))
        return make(name, y, x) if y.key < x.key else None
    return normal


def _d_extremum(sign: int) -> Callable[[tuple[Expr, ...], tuple[Expr, ...]], Expr]:
    def differential(a: tuple[Expr, ...], d: tuple[Expr, ...]) -> Expr:
        chosen = make("step", scale(sign, sub(a[0], a[1])))
        return hadamard(chosen, d[0]) + hadamard(sub(ones(chosen.shape), chosen), d[1])
    return differential


for _name, _sign in (("max", 1), ("min", -1)):
    define(_name, "(m,n),(m,n)->(m,n)", kind="nonlinear", normal=_extremum(_name, _sign),
           differential=_d_extremum(_sign), smooth="no entry of {} is 0",
           transpose="inside", says=f"the entrywise {_name}imum",
           lower=plain(f"{_name}imum"),
           value=lambda K, A, B, name=_name: K.build(A.m, A.n, lambda i, j: K.fn(name, A[i, j], B[i, j])))
