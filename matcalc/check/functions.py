"""Elementwise functions as the judge knows them: by one another, and their derivatives.

These tables are written apart from the operators' `derivative` column, on purpose: a wrong row there must
not be met by the same wrong row here. K is an arithmetic, `a` a plain number (no ε).

Source: Abramowitz & Stegun (1964), chapters 4, 6 and 7.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

Rule = Callable[..., Any]

DERIVED: dict[str, Rule] = {
    "tan": lambda K, a: K.over(K.f("sin", a), K.f("cos", a)),
    "sinh": lambda K, a: K.half * (K.f("exp", a) - K.f("exp", -a)),
    "cosh": lambda K, a: K.half * (K.f("exp", a) + K.f("exp", -a)),
    "tanh": lambda K, a: K.over(K.f("sinh", a), K.f("cosh", a)),
    "sigmoid": lambda K, a: K.over(K.one, K.one + K.f("exp", -a)),
    "softplus": lambda K, a: K.f("log", K.one + K.f("exp", a)),
    "log1p": lambda K, a: K.f("log", K.one + a),
    "expm1": lambda K, a: K.f("exp", a) - K.one,
    "relu": lambda K, a: a * K.f("step", a),
    "abs": lambda K, a: a * K.f("sign", a),
    "sign": lambda K, a: K.f("step", a) - K.f("step", -a),
    "lognormcdf": lambda K, a: K.f("log", K.f("normcdf", a)),
    "digamma": lambda K, a: K.f("polygamma", a, 0),
    "trigamma": lambda K, a: K.f("polygamma", a, 1),
}
"""Functions that are others put together; the rest are the arithmetic's own."""

SLOPES: dict[str, Rule] = {
    "exp": lambda K, a: K.f("exp", a),
    "log": lambda K, a: K.over(K.one, a),
    "logabs": lambda K, a: K.over(K.one, a),
    "sin": lambda K, a: K.f("cos", a),
    "cos": lambda K, a: -K.f("sin", a),
    "tan": lambda K, a: K.one + K.root(K.f("tan", a), 2),
    "sinh": lambda K, a: K.f("cosh", a),
    "cosh": lambda K, a: K.f("sinh", a),
    "tanh": lambda K, a: K.over(K.one, K.root(K.f("cosh", a), 2)),
    "arcsin": lambda K, a: K.root(K.one - a * a, Fraction(-1, 2)),
    "arccos": lambda K, a: -K.root(K.one - a * a, Fraction(-1, 2)),
    "arctan": lambda K, a: K.over(K.one, K.one + a * a),
    "sigmoid": lambda K, a: K.f("exp", -a) * K.root(K.f("sigmoid", a), 2),
    "softplus": lambda K, a: K.f("sigmoid", a),
    "log1p": lambda K, a: K.over(K.one, K.one + a),
    "expm1": lambda K, a: K.f("exp", a),
    "relu": lambda K, a: K.f("step", a),
    "step": lambda K, a: K.zero,
    "abs": lambda K, a: K.f("sign", a),
    "sign": lambda K, a: K.zero,
    "erf": lambda K, a: 2 * K.f("exp", -a * a) * K.root(K.constant("π"), Fraction(-1, 2)),
    "normcdf": lambda K, a: K.f("exp", -K.half * (a * a)) * K.root(2 * K.constant("π"), Fraction(-1, 2)),
    "lognormcdf": lambda K, a: K.over(SLOPES["normcdf"](K, a), K.f("normcdf", a)),
    "lgamma": lambda K, a: K.f("polygamma", a, 0),
    "digamma": lambda K, a: K.f("polygamma", a, 1),
    "trigamma": lambda K, a: K.f("polygamma", a, 2),
    "polygamma": lambda K, a, order: K.f("polygamma", a, order + 1),
    "unknown": lambda K, a, name, order: K.f("unknown", a, name, order + 1),
}
"""f′(a) for every elementwise function."""
