"""Random expressions over declared variables, for tests that print and read them back."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

from matcalc.core.algebra import ZEROS, T, add, hadamard, mul, num, ones, power, scale, sub, unit, var
from matcalc.core.dims import ONE, SCALAR, Dim, Shape
from matcalc.core.tree import OPS, Expr, make, walk

m, n, k = (Dim.name(c) for c in "mnk")
DIMS = (m, n, k)
NAMES = {SCALAR: ("λ_u", "σ", "a_1"), (n, ONE): ("x", "y_1"), (m, ONE): ("b", "u"), (k, ONE): ("w", "z"),
         (m, n): ("X", "Y"), (n, n): ("A", "B_s"), (m, m): ("M", "P_in"), (k, k): ("C", "x_hat"),
         (n, k): ("V", "Loss"), (m, k): ("U", "W")}
FACTS = {"M": frozenset({"tril"}), "A": frozenset({"sym"}), "P_in": frozenset({"spd"})}
NUMBERS = (2, -1, 3, -2, Fraction(1, 2), Fraction(-3, 2), Fraction(2, 3))
POWERS_OF_NORMS = (1, Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2), -1)
SCALARS = ("tr", "det", "logdet", "frob", "norm", "sum", "form", "number", "norm_inf", "norm_nuclear")
ELEMENTWISE = ("exp", "sin", "tanh", "sigmoid", "softplus", "relu", "abs", "log", "erf")
DECLARED = {"tril": "Tril({})", "sym": "Sym({})", "spd": "SPD({})"}


def declarations() -> list[str]:
    """The declarations of all variables."""
    out = []
    for shape, names in NAMES.items():
        for name in names:
            facts = FACTS.get(name, frozenset())
            base, _, sub_ = name.partition("_")
            spelled = f"\\hat {base}" if sub_ == "hat" else f"{base}_{{{sub_}}}" if sub_ else base
            space = "R" if shape == SCALAR else f"R^{{{shape[0]}×{shape[1]}}}"
            kind = next((DECLARED[f].format(*shape) for f in sorted(facts)), space)
            out.append(f"{spelled} ∈ {kind}")
    return out


class Expressions:
    """Draws expressions of a wanted shape; the same seed gives the same expressions."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def leaf(self, shape: Shape) -> Expr:
        """A variable, transposed where only its transpose has this shape, or a constant array."""
        if shape in NAMES:
            name = self.random.choice(NAMES[shape])
            return var(name, shape, FACTS.get(name, frozenset()))
        if (shape[1], shape[0]) in NAMES:
            return T(self.leaf((shape[1], shape[0])))
        return ones(shape)

    def some(self) -> Expr:
        """An expression without a zero part (whose reciprocal would have no value)."""
        while True:
            shape = self.random.choice(tuple(NAMES))
            e = self.draw(shape, self.random.choice((2, 3, 3, 4)))
            if all(x.op is not ZEROS for x in walk(e)):
                return e

    def draw(self, shape: Shape, depth: int) -> Expr:
        """An expression of this shape."""
        if depth <= 0:
            return self.leaf(shape)
        options: list[Callable[[Shape, int], Expr]] = [
            self._sum, self._sum, self._scaled, self._hadamard, self._power, self._entrywise]
        if shape == SCALAR:
            options += [self._scalar] * 8
        else:
            options += [self._product] * 5 + [self._quotient, self._extremum]
            if shape[0] is shape[1]:
                options += [self._square] * 3
            if shape[1] is ONE:
                options += [self._vector]
        return self.random.choice(options)(shape, depth - 1)

    def _sum(self, shape: Shape, depth: int) -> Expr:
        a, b = self.draw(shape, depth), self.draw(shape, depth)
        return self.random.choice((add, sub))(a, scale(self.random.choice(NUMBERS), b))

    def _scaled(self, shape: Shape, depth: int) -> Expr:
        return scale(self.random.choice(NUMBERS), self.draw(shape, depth))

    def _hadamard(self, shape: Shape, depth: int) -> Expr:
        return hadamard(self.draw(shape, depth), self.draw(shape, depth))

    def _power(self, shape: Shape, depth: int) -> Expr:
        q = self.random.choice((2, -1, 3, -2, Fraction(1, 2), Fraction(3, 2), Fraction(-1, 2)))
        base = self.draw(shape, depth)
        return power(make("exp", base), q) if q == int(q) and self.random.random() < 0.3 else power(base, q)

    def _entrywise(self, shape: Shape, depth: int) -> Expr:
        return make(self.random.choice(ELEMENTWISE), self.draw(shape, depth))

    def _extremum(self, shape: Shape, depth: int) -> Expr:
        return make(self.random.choice(("max", "min")), self.draw(shape, depth), self.draw(shape, depth))

    def _product(self, shape: Shape, depth: int) -> Expr:
        inner = self.random.choice((*DIMS, ONE))
        return mul(self.draw((shape[0], inner), depth), self.draw((inner, shape[1]), depth))

    def _quotient(self, shape: Shape, depth: int) -> Expr:
        s = self.draw(SCALAR, depth)
        return mul(power(s, self.random.choice((1, -1, -2, Fraction(-1, 2)))), self.draw(shape, depth))

    def _square(self, shape: Shape, depth: int) -> Expr:
        name = self.random.choice(("inv", "inv", "pinv", "expm", "sym", "tril", "Diag", "skew"))
        return make(name, self.draw((shape[0], ONE) if name == "Diag" else shape, depth))

    def _vector(self, shape: Shape, depth: int) -> Expr:
        if self.random.random() < 0.2:
            return hadamard(unit(1, shape[0]), self.leaf(shape))
        name = self.random.choice(("diag", "softmax", "logsumexp_rows"))
        if name == "softmax":
            return make(name, self.draw(shape, depth))
        return make(name, self.draw((shape[0], shape[0]), depth))

    def _scalar(self, shape: Shape, depth: int) -> Expr:
        name = self.random.choice(SCALARS)
        d = self.random.choice(DIMS)
        other = self.random.choice(DIMS)
        if name == "number":
            return num(self.random.choice(NUMBERS))
        if name in ("tr", "det", "logdet"):
            return make(name, self.draw((d, d), depth))
        if name == "norm":
            x = self.draw((d, ONE), depth)
            return power(make("frob", x, x), self.random.choice(POWERS_OF_NORMS))
        if name == "form":
            left, right = self.draw((d, ONE), depth), self.draw((other, ONE), depth)
            return mul(T(left), self.draw((d, other), depth), right)
        if name == "frob":
            return make(name, self.draw((d, other), depth), self.draw((d, other), depth))
        assert name in OPS
        return make(name, self.draw((d, other), depth))
