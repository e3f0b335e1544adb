"""Small matrices over an arithmetic: what the `value` column of an operator may use.

An entry is a number a + bε with ε² = 0 (or a plain number, b = 0); b is the derivative along the direction
in which the variables move. `Arithmetic` holds everything that is the same modulo a prime, at 50 digits and
in floats; a subclass says what a number is. Nothing here knows a differential rule of an operator.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from operator import mul
from random import Random
from typing import Any

from matcalc.check.functions import DERIVED, SLOPES

Entry = Any
Place = tuple[int, int]


class NotExact(Exception):
    """A value has no exact meaning modulo a prime; the text names the operator."""


class Pole(Exception):
    """The value does not exist at the random point, or is not smooth there: draw another."""


class Outside(Pole):
    """A number lies outside a function's domain, or has no root: other numbers of the same sizes may do."""


class Matrix:
    """An m×n matrix of entries, row by row.

    >>> Matrix(2, 2, [1, 2, 3, 4])[1, 0]
    3
    """

    __slots__ = ("m", "n", "entries")

    def __init__(self, m: int, n: int, entries: list[Entry]) -> None:
        self.m, self.n, self.entries = m, n, entries

    def __getitem__(self, place: Place) -> Entry:
        return self.entries[place[0] * self.n + place[1]]

    def __repr__(self) -> str:
        return f"Matrix({self.m}, {self.n}, {self.entries})"

    def rows(self) -> list[list[Entry]]:
        """The rows as lists."""
        return [self.entries[i * self.n:(i + 1) * self.n] for i in range(self.m)]

    def columns(self) -> list[list[Entry]]:
        """The columns as lists."""
        return [self.entries[j::self.n] for j in range(self.n)]

    def transposed(self) -> Matrix:
        """The transpose."""
        return Matrix(self.n, self.m, [x for column in self.columns() for x in column])


class Arithmetic(ABC):
    """Numbers a + bε, the functions of them, and matrices of them."""

    zero: Entry
    one: Entry
    half: Entry
    packed: bool = False  # whether a + bε costs no more than a

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Entry] = {}

    # ── what a number is ──────────────────────────────────────────────────────────────────────────────────
    @abstractmethod
    def reduce(self, x: Entry) -> Entry:
        """The canonical form of a sum of products of two or three entries."""

    @abstractmethod
    def split(self, x: Entry) -> tuple[Entry, Entry]:
        """(a, b) of a + bε."""

    @abstractmethod
    def join(self, a: Entry, b: Entry) -> Entry:
        """a + bε."""

    @abstractmethod
    def number(self, q: int | Fraction) -> Entry:
        """A rational number."""

    @abstractmethod
    def over(self, a: Entry, b: Entry) -> Entry:
        """The quotient of plain numbers; raises `Pole` for b = 0."""

    @abstractmethod
    def root(self, a: Entry, q: int | Fraction) -> Entry:
        """The power a^q of a plain number."""

    @abstractmethod
    def best_pivot(self, column: Sequence[Entry]) -> int | None:
        """Where the best plain pivot stands, None where all are zero."""

    @abstractmethod
    def primitive(self, name: str, a: Entry, *more: Any) -> Entry:
        """The value of an elementwise function at a plain number."""

    @abstractmethod
    def constant(self, symbol: str) -> Entry:
        """The value of a mathematical constant."""

    @abstractmethod
    def random(self, rng: Random, style: str) -> Entry:
        """A random plain number."""

    def eigenvalues(self, X: Matrix) -> list[Entry]:
        """The eigenvalues of a symmetric matrix, ascending."""
        raise NotExact("eigenvalues")

    def singular_values(self, X: Matrix) -> list[Entry]:
        """The singular values, descending."""
        raise NotExact("singular values")

    def eigenprojector(self, X: Matrix, place: int) -> Matrix:
        """vvᵀ for the unit eigenvector v of one eigenvalue of a symmetric matrix."""
        raise NotExact("eigenvectors")

    def largest(self, X: Matrix) -> Entry:
        """The largest absolute value of an entry."""
        raise NotExact("the largest entry")

    def peak(self, X: Matrix) -> Matrix:
        """The sign of the entry of largest absolute value at its place, 0 elsewhere."""
        raise NotExact("the largest entry")

    def matrix_function(self, name: str, X: Matrix) -> Matrix:
        """exp, log or square root of a square matrix."""
        raise NotExact(name)

    def derivative_of(self, name: str, X: Matrix, E: Matrix) -> Matrix:
        """The derivative of a matrix function at X in the direction E: a block of f([X, E; 0, X])."""
        n, parts = X.m, {(0, 0): X, (0, 1): E, (1, 1): X}

        def entry(i: int, j: int) -> Entry:
            part = parts.get((i // n, j // n))
            return self.zero if part is None else part[i % n, j % n]

        big = self.matrix_function(name, self.build(2 * n, 2 * n, entry))
        return self.build(n, n, lambda i, j: big[i, n + j])

    # ── functions ─────────────────────────────────────────────────────────────────────────────────────────
    def f(self, name: str, a: Entry, *more: Any) -> Entry:
        """An elementwise function at a plain number."""
        a = self.reduce(a)
        key = (name, a, *more)
        value = self._known.get(key)
        if value is None:
            rule = DERIVED.get(name)
            value = rule(self, a, *more) if rule else self.primitive(name, a, *more)
            self._known[key] = value = self.reduce(value)
        return value

    def fn(self, name: str, x: Entry, *more: Any) -> Entry:
        """An elementwise function of a + bε: f(a) + f′(a) b ε."""
        a, b = self.split(x)
        value = self.f(name, a, *more)
        return self.join(value, SLOPES[name](self, a, *more) * b) if b else value

    def unknown(self, name: str, order: int, x: Entry) -> Entry:
        """A function that was only named, or its derivative of this order."""
        return self.fn("unknown", x, name, order)

    def power(self, x: Entry, q: int | Fraction) -> Entry:
        """x^q for a rational exponent."""
        if q == 1:
            return x
        if q == 2:
            return self.reduce(x * x)
        a, b = self.split(x)
        value = self.root(a, q)
        if not b:
            return value
        if not a and q < 1:
            raise Pole("a power at 0")
        return self.join(value, self.number(q) * self.reduce(self.root(a, q - 1) * b))

    def tangent(self, x: Entry) -> Entry:
        """b of a + bε."""
        return self.split(x)[1]

    def reciprocal(self, x: Entry) -> Entry:
        """1/x."""
        return self.power(x, -1)

    # ── matrices ──────────────────────────────────────────────────────────────────────────────────────────
    def build(self, m: int, n: int, entry: Callable[[int, int], Entry]) -> Matrix:
        """The m×n matrix of these entries."""
        reduce, columns = self.reduce, range(n)
        return Matrix(m, n, [reduce(entry(i, j)) for i in range(m) for j in columns])

    def sum(self, entries: Iterable[Entry]) -> Entry:
        """The sum of products of entries."""
        return self.reduce(sum(entries))

    def scale(self, s: Entry, X: Matrix) -> Matrix:
        """A number times a matrix."""
        reduce = self.reduce
        return Matrix(X.m, X.n, [reduce(s * x) for x in X.entries])

    def combine(self, coefficients: Sequence[int | Fraction], matrices: Sequence[Matrix]) -> Matrix:
        """Σ cᵢ Xᵢ."""
        reduce, first = self.reduce, matrices[0]
        weights = [self.number(c) for c in coefficients]
        if len(weights) == 1:
            return self.scale(weights[0], first)
        rows = zip(*(X.entries for X in matrices), strict=True)
        return Matrix(first.m, first.n, [reduce(sum(map(mul, weights, row))) for row in rows])

    def product(self, A: Matrix, B: Matrix) -> Matrix:
        """The matrix product."""
        reduce, columns = self.reduce, B.columns()
        entries = [reduce(sum(map(mul, row, column))) for row in A.rows() for column in columns]
        return Matrix(A.m, B.n, entries)

    def identity(self, n: int) -> Matrix:
        """The n×n identity."""
        return Matrix(n, n, [self.one if i == j else self.zero for i in range(n) for j in range(n)])

    def plain(self, X: Matrix) -> Matrix:
        """The values a of a + bε."""
        return Matrix(X.m, X.n, [self.split(x)[0] for x in X.entries])

    def slopes(self, X: Matrix) -> Matrix | None:
        """The derivatives b of a + bε, None where all are zero."""
        entries = [self.split(x)[1] for x in X.entries]
        return Matrix(X.m, X.n, entries) if any(entries) else None

    def moving(self, X: Matrix, dX: Matrix) -> Matrix:
        """X + dX ε."""
        return Matrix(X.m, X.n, [self.join(a, b) for a, b in zip(X.entries, dX.entries, strict=True)])

    def _eliminate(self, X: Matrix) -> tuple[Entry, Matrix]:
        """Determinant and inverse of a plain matrix by elimination; raises `Pole` if singular."""
        n, reduce = X.m, self.reduce
        rows = [row + unit for row, unit in zip(X.rows(), self.identity(n).rows(), strict=True)]
        det = self.one
        for k in range(n):
            p = self.best_pivot([rows[i][k] for i in range(k, n)])
            if p is None:
                raise Pole("a singular matrix")
            if p:
                rows[k], rows[k + p] = rows[k + p], rows[k]
                det = -det
            pivot = rows[k][k]
            det = reduce(det * pivot)
            inverse = self.over(self.one, pivot)
            top = rows[k] = [reduce(inverse * x) for x in rows[k]]
            for i in range(n):
                factor = rows[i][k]
                if i != k and factor:
                    rows[i] = [reduce(x - factor * y) for x, y in zip(rows[i], top, strict=True)]
        return det, Matrix(n, n, [x for row in rows for x in row[n:]])

    def inv(self, X: Matrix) -> Matrix:
        """The inverse: Y with (X + dX ε)(Y − Y dX Y ε) = I."""
        Y = self._eliminate(self.plain(X))[1]
        dX = self.slopes(X)
        if dX is None:
            return Y
        return self.moving(Y, self.scale(-self.one, self.product(Y, self.product(dX, Y))))

    def det(self, X: Matrix) -> Entry:
        """The determinant: det X (1 + tr(X⁻¹dX) ε)."""
        det, Y = self._eliminate(self.plain(X))
        dX = self.slopes(X)
        if dX is None:
            return det
        trace = self.sum(Y[i, k] * dX[k, i] for i in range(X.m) for k in range(X.m))
        return self.join(det, det * trace)

    def _basis(self, X: Matrix) -> tuple[list[int], list[int]]:
        """Rows and columns of a plain matrix whose crossing is a largest nonsingular block."""
        left = list(enumerate(X.rows()))
        rows, columns = [], []
        for j in range(X.n):
            p = self.best_pivot([row[j] for _, row in left]) if left else None
            if p is None:
                continue
            i, top = left.pop(p)
            rows.append(i)
            columns.append(j)
            ratio = [self.over(row[j], top[j]) for _, row in left]
            left = [(k, [self.reduce(x - r * y) for x, y in zip(row, top, strict=True)])
                    for (k, row), r in zip(left, ratio, strict=True)]
        return rows, columns

    def pinv(self, X: Matrix) -> Matrix:
        """The Moore–Penrose inverse Rᵀ(RRᵀ)⁻¹ B (CᵀC)⁻¹Cᵀ of X = C B⁻¹ R, where C are columns of X, R rows,
        B their crossing; raises `Pole` if the rank changes along the direction."""
        rows, columns = self._basis(self.plain(X))
        if not rows:
            if self.slopes(X):
                raise Pole("a change of rank")
            return X.transposed()
        r = len(rows)
        C = Matrix(X.m, r, [X[i, j] for i in range(X.m) for j in columns])
        R = Matrix(r, X.n, [X[i, j] for i in rows for j in range(X.n)])
        B = Matrix(r, r, [X[i, j] for i in rows for j in columns])
        if r < min(X.m, X.n):
            rest = self.combine([1, -1], [X, self.product(C, self.product(self.inv(B), R))])
            if any(self.best_pivot(self.split(x)) is not None for x in rest.entries):
                raise Pole("a change of rank")
        Ct, Rt = C.transposed(), R.transposed()
        right = self.product(self.inv(self.product(Ct, C)), Ct)
        left = self.product(Rt, self.inv(self.product(R, Rt)))
        return self.product(left, self.product(B, right))

    # ── what single rows ask for ──────────────────────────────────────────────────────────────────────────
    def softmax(self, X: Matrix, places: Iterable[Place], place: Place) -> Entry:
        """exp of one entry over the sum of exp at `places`."""
        total = self.sum(self.fn("exp", X[p]) for p in places)
        return self.quotient_of_exp(X[place], total)

    def quotient_of_exp(self, x: Entry, total: Entry) -> Entry:
        """exp(x)/total."""
        return self.reduce(self.fn("exp", x) * self.reciprocal(total))

    def logsumexp(self, X: Matrix, places: Iterable[Place]) -> Entry:
        """log of the sum of exp at `places`."""
        return self.fn("log", self.sum(self.fn("exp", X[p]) for p in places))

    def vech_place(self, k: int, n: int) -> Place:
        """Where entry k of vech stands in the n×n matrix."""
        j = 0
        while k >= n - j:
            k -= n - j
            j += 1
        return j + k, j

    def indexed_sum(self, body: Callable[[Mapping[str, int]], Matrix], index: str, low: int,
                    high: int) -> Matrix:
        """Σ over an index of a body that depends on it."""
        terms = [body({index: k}) for k in range(low, high + 1)]
        return self.combine([1] * len(terms), terms)
