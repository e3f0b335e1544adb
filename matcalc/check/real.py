"""Real arithmetic with dual numbers: at 50 digits for the verdicts, in floats for tests.

Numbers are mpmath's (or Python's) own; a value outside a function's real domain raises `Pole`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from operator import mul
from random import Random
from typing import Any, ClassVar

from matcalc.check.arithmetic import Arithmetic, Entry, Matrix, Outside, Pole
from matcalc.check.matrix_functions import FUNCTIONS

DIGITS = 50
GUARD = 15  # further digits that are carried
LARGE = 200  # multiplications in a product that is better done by integers
FIXED = 320  # their bits


class Dual:
    """a + bε over real numbers.

    >>> x = Dual(3.0, 1.0)
    >>> (x * x).b
    6.0
    """

    __slots__ = ("a", "b")

    def __init__(self, a: Entry, b: Entry) -> None:
        self.a, self.b = a, b

    def __add__(self, other: Entry) -> Dual:
        if isinstance(other, Dual):
            return Dual(self.a + other.a, self.b + other.b)
        return Dual(self.a + other, self.b)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return Dual(-self.a, -self.b)

    def __sub__(self, other: Entry) -> Dual:
        return self.__add__(-other)

    def __rsub__(self, other: Entry) -> Dual:
        return (-self).__add__(other)

    def __mul__(self, other: Entry) -> Dual:
        if isinstance(other, Dual):
            return Dual(self.a * other.a, self.a * other.b + self.b * other.a)
        return Dual(self.a * other, self.b * other)

    __rmul__ = __mul__

    def __repr__(self) -> str:
        return f"{self.a} + {self.b}ε"

    def _mpmath_(self, *precision: int) -> Entry:
        """Tell mpmath at once (it would print the number first) that its operators leave this to `Dual`."""
        raise TypeError


class Real(Arithmetic):
    """What is the same at 50 digits and in floats."""

    tiny: Entry
    compared: bool = False  # whether a value depended on a sign or on which of two is larger
    library: Any  # exp, log, sin, … by name, or by the name that `names` gives
    names: ClassVar[Mapping[str, str]] = {}

    def reduce(self, x: Entry) -> Entry:
        """Nothing to reduce."""
        return x

    def split(self, x: Entry) -> tuple[Entry, Entry]:
        """The two parts."""
        return (x.a, x.b) if isinstance(x, Dual) else (x, self.zero)

    def join(self, a: Entry, b: Entry) -> Entry:
        """a + bε, plain where b is 0."""
        return Dual(a, b) if b else a

    def over(self, a: Entry, b: Entry) -> Entry:
        """a/b."""
        if abs(b) < self.tiny:
            raise Pole("a division by 0")
        return a / b

    def root(self, a: Entry, q: int | Fraction) -> Entry:
        """a^q for a > 0, for an integer q any a ≠ 0."""
        if abs(a) < self.tiny and q <= 0:
            raise Pole("a power of 0")
        if isinstance(q, int):
            return a ** q
        if a < 0:
            raise Outside("a root of a negative number")
        return self.sqrt(a) if q == Fraction(1, 2) else a ** self.number(q)

    def sqrt(self, a: Entry) -> Entry:
        """The square root of a number ≥ 0."""
        return self.library.sqrt(a)

    def best_pivot(self, column: Sequence[Entry]) -> int | None:
        """The largest."""
        sizes = [abs(x) for x in column]
        p = max(range(len(sizes)), key=sizes.__getitem__)
        return p if sizes[p] > self.tiny else None

    def random(self, rng: Random, style: str) -> Entry:
        """A float, so that a program in floats can be called at the same point."""
        if style == "positive":
            return self.convert(rng.uniform(0.2, 1.8))
        return self.convert(rng.gauss(0.0, 0.05 if style == "small" else 1.0))

    def convert(self, x: float) -> Entry:
        """A float as a number of this arithmetic, exactly."""
        raise NotImplementedError

    def primitive(self, name: str, a: Entry, *more: Any) -> Entry:
        """The function of the library, inside its real domain."""
        if name in PRIMITIVE:
            return PRIMITIVE[name](self, a, *more)
        return getattr(self.library, self.names.get(name, name))(a)

    def fn(self, name: str, x: Entry, *more: Any) -> Entry:
        """As for all arithmetics; max and min choose one of two."""
        if name in ("max", "min"):
            return self._extreme(1 if name == "max" else -1, x, more[0])
        return super().fn(name, x, *more)

    def _extreme(self, sign: int, x: Entry, y: Entry) -> Entry:
        self.compared = True
        (a, da), (b, db) = self.split(x), self.split(y)
        if a == b and da != db:
            raise Pole("a tie")
        return x if sign * (a - b) > 0 else y

    def largest(self, X: Matrix) -> Entry:
        """The largest absolute value of an entry."""
        self.compared = True
        return max((self.fn("abs", x) for x in X.entries), key=lambda x: self.split(x)[0])

    def peak(self, X: Matrix) -> Matrix:
        """The sign of the first entry of largest absolute value, row by row, at its place."""
        self.compared = True
        sizes = [abs(self.split(x)[0]) for x in X.entries]
        first = sizes.index(max(sizes))
        return Matrix(X.m, X.n, [self.fn("sign", x) if k == first else self.zero for k, x in enumerate(X.entries)])

    def matrix_function(self, name: str, X: Matrix) -> Matrix:
        """exp, log or square root of a square matrix."""
        return FUNCTIONS[name](self, X)

    def singular_values(self, X: Matrix) -> list[Entry]:
        """Square roots of the eigenvalues of the smaller of XᵀX and XXᵀ, descending."""
        A, B = (X, X.transposed()) if X.m <= X.n else (X.transposed(), X)
        squares = self.eigenvalues(self.product(A, B))
        return [self.power(s, Fraction(1, 2)) for s in reversed(squares)]

    def eigenvalues(self, X: Matrix) -> list[Entry]:
        """Eigenvalues λ and, along dX, vᵀdX v for the unit eigenvector v; ascending, all different."""
        A, dX = self.plain(X), self.slopes(X)
        if any(abs(A[i, j] - A[j, i]) > self.tiny for i in range(A.m) for j in range(i)):
            raise Pole("eigenvalues of a matrix that is not symmetric")
        values, vectors = self.symmetric_eigen(A)
        if any(abs(a - b) < self.tiny for a, b in pairwise(values)):
            raise Pole("a repeated eigenvalue")
        if dX is None:
            return values
        return [self.join(s, self.sum(v[i] * dX[i, j] * v[j] for i in range(A.m) for j in range(A.m)))
                for s, v in zip(values, vectors, strict=True)]

    def eigenprojector(self, X: Matrix, place: int) -> Matrix:
        """∏ᵢ (X − λᵢI)/(λ − λᵢ) over the other eigenvalues; it holds for dual numbers as well."""
        values = self.eigenvalues(X)
        chosen, one = values.pop(place), self.identity(X.m)
        found = one
        for other in values:
            shifted = self.combine([1, -1], [X, self.scale(other, one)])
            found = self.scale(self.reciprocal(chosen - other), self.product(found, shifted))
        return found

    def symmetric_eigen(self, A: Matrix) -> tuple[list[Entry], list[list[Entry]]]:
        """Eigenvalues, ascending, and unit eigenvectors of a plain symmetric matrix, by Jacobi rotations."""
        n, a, v = A.m, [list(row) for row in A.rows()], self.identity(A.m).rows()
        for _ in range(60):
            if sum(a[i][j] ** 2 for i in range(n) for j in range(i)) < self.tiny ** 2:
                break
            for p in range(n):
                for q in range(p + 1, n):
                    self._rotate(a, v, p, q)
        order = sorted(range(n), key=lambda k: a[k][k])
        return [a[k][k] for k in order], [v[k] for k in order]

    def _rotate(self, a: list[list[Entry]], v: list[list[Entry]], p: int, q: int) -> None:
        """One rotation that makes a[p][q] zero; the rows of v turn along."""
        if not a[p][q]:
            return
        theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
        t = (1 if theta >= 0 else -1) / (abs(theta) + self.sqrt(theta * theta + 1))
        c = 1 / self.sqrt(t * t + 1)
        s = t * c
        for row in a:
            row[p], row[q] = c * row[p] - s * row[q], s * row[p] + c * row[q]
        for m in (a, v):
            m[p], m[q] = ([c * x - s * y for x, y in zip(m[p], m[q], strict=True)],
                          [s * x + c * y for x, y in zip(m[p], m[q], strict=True)])


def _inside(name: str, fits: Callable[[Entry], bool]) -> Callable[..., Entry]:
    def value(K: Real, a: Entry) -> Entry:
        if not fits(a):
            raise Outside(f"{name} outside its domain")
        return getattr(K.library, K.names.get(name, name))(a)
    return value


def _step(K: Real, a: Entry) -> Entry:
    """1 for a > 0, else 0; a rounded 0 has no sign."""
    K.compared = True
    if 0 < abs(a) < K.tiny:
        raise Pole("a sign that rounding decides")
    return K.one if a > 0 else K.zero


def _unknown(K: Real, a: Entry, name: str, order: int) -> Entry:
    """A function to stand for one that was only named: sin(ωx + φ) with ω, φ of its name."""
    rng = Random(name)
    rate, phase = K.convert(rng.uniform(0.6, 1.4)), K.convert(rng.uniform(0.0, 6.0))
    wave = (K.library.sin, K.library.cos)[order % 2](rate * a + phase)
    return (-1) ** (order // 2) * rate ** order * wave


PRIMITIVE: dict[str, Callable[..., Entry]] = {
    "log": _inside("log", lambda a: a > 0),
    "logabs": lambda K, a: K.f("log", abs(a)),
    "arcsin": _inside("arcsin", lambda a: abs(a) < 1),
    "arccos": _inside("arccos", lambda a: abs(a) < 1),
    "lgamma": _inside("lgamma", lambda a: a > 0),
    "polygamma": lambda K, a, order: K.polygamma(order, a),
    "step": _step,
    "normcdf": lambda K, a: K.half * K.library.erfc(-a / K.sqrt(2 * K.one)),
    "unknown": _unknown,
}


class Digits(Real):
    """mpmath's numbers with 50 digits and some more; the context is this object's own."""

    names: ClassVar[Mapping[str, str]] = {
        "arcsin": "asin", "arccos": "acos", "arctan": "atan", "lgamma": "loggamma"}

    def __init__(self) -> None:
        """A fresh context."""
        import mpmath

        super().__init__()
        self.library = mpmath.MPContext()
        self.library.dps = DIGITS + GUARD
        self.zero, self.one = self.library.mpf(0), self.library.mpf(1)
        self.half = self.one / 2
        self.tiny = self.library.mpf(10) ** -DIGITS

    def number(self, q: int | Fraction) -> Entry:
        """Numerator over denominator."""
        return self.library.mpf(q.numerator) / q.denominator

    def product(self, A: Matrix, B: Matrix) -> Matrix:
        """The matrix product; of larger matrices by integers, which are many times faster than mpmath's numbers."""
        if A.m * A.n * B.n < LARGE:
            return super().product(A, B)
        (a, da), (b, db) = ((self.plain(X), self.slopes(X)) for X in (A, B))
        value = self._by_integers(a, b)
        moves = [self._by_integers(*pair) for pair in ((a, db), (da, b)) if None not in pair]
        return self.moving(value, self.combine([1] * len(moves), moves)) if moves else value

    def _by_integers(self, A: Matrix, B: Matrix) -> Matrix:
        """The product of plain matrices as one of integers times a power of 2."""
        (a, i), (b, j) = self._integers(A), self._integers(B)
        mpf, columns = self.library.mpf, b.columns()
        entries = [mpf((sum(map(mul, row, column)), i + j)) for row in a.rows() for column in columns]
        return Matrix(A.m, B.n, entries)

    def _integers(self, X: Matrix) -> tuple[Matrix, int]:
        """Integers N and e with X = N 2^e, to FIXED bits of the largest entry."""
        parts = [self.library.convert(x)._mpf_ for x in X.entries]
        lowest = max((e + length for _, m, e, length in parts if m), default=0) - FIXED
        sizes = [m << e - lowest if e >= lowest else m >> lowest - e for _, m, e, _ in parts]
        entries = [-n if sign else n for (sign, *_), n in zip(parts, sizes, strict=True)]
        return Matrix(X.m, X.n, entries), lowest

    def convert(self, x: float) -> Entry:
        """The float, exactly."""
        return self.library.mpf(x)

    def constant(self, symbol: str) -> Entry:
        """π or e."""
        return +{"π": self.library.pi, "e": self.library.e}[symbol]

    def polygamma(self, order: int, a: Entry) -> Entry:
        """The derivatives of digamma."""
        if a <= 0:
            raise Outside("polygamma outside its domain")
        return self.library.psi(order, a)


class Floats(Real):
    """Python's floats: for tests of the value columns against NumPy."""

    zero, one, half, tiny = 0.0, 1.0, 0.5, 1e-12
    library = math
    names: ClassVar[Mapping[str, str]] = {"arcsin": "asin", "arccos": "acos", "arctan": "atan"}

    def number(self, q: int | Fraction) -> Entry:
        """The nearest float."""
        return float(q)

    def convert(self, x: float) -> Entry:
        """The float."""
        return x

    def constant(self, symbol: str) -> Entry:
        """π or e."""
        return {"π": math.pi, "e": math.e}[symbol]

    def polygamma(self, order: int, a: Entry) -> Entry:
        """The derivatives of digamma."""
        return float(Digits().polygamma(order, a))
