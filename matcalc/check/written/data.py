"""Numbers that a text gives for its letters, and claims at those numbers: evaluated in fractions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from matcalc.check.arithmetic import Arithmetic, Matrix, NotExact, Pole
from matcalc.check.evaluate import Evaluation
from matcalc.check.written.assuming import Pair
from matcalc.check.written.bench import Bench
from matcalc.check.written.small import Rationals, SmallFloats, shown
from matcalc.core.dims import Dim
from matcalc.core.tree import Expr
from matcalc.notation.written.numerals import Rows

CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Given:
    """The numbers of one letter, and the line that gives them."""

    rows: Rows
    number: int
    text: str

    @property
    def matrix(self) -> Matrix:
        """The numbers as a matrix."""
        return Matrix(len(self.rows), len(self.rows[0]), [x for row in self.rows for x in row])

    @property
    def shown(self) -> str:
        """The numbers as text, decimal where they were typed so."""
        X = self.matrix
        return shown(Matrix(X.m, X.n, [float(x) for x in X.entries]) if "." in self.text else X)


@dataclass(slots=True)
class Data:
    """The numbers of a text by letter."""

    given: dict[str, Given] = field(default_factory=dict)

    def covers(self, variables: frozenset[Expr]) -> bool:
        """Whether every variable has numbers."""
        return bool(variables) and all(str(x.attrs[0]) in self.given for x in variables)

    def point(self, variables: frozenset[Expr], K: Arithmetic) -> Evaluation | None:
        """The point of these variables, None where shapes and numbers do not go together."""
        values = {x: self.given[str(x.attrs[0])].matrix for x in variables}
        sizes = sizes_of({x: (m.m, m.n) for x, m in values.items()})
        if sizes is None:
            return None
        made = {x: Matrix(m.m, m.n, [K.number(a) for a in m.entries]) for x, m in values.items()}
        return Evaluation(K, sizes, made)

    def sides(self, pair: Pair, bench: Bench) -> tuple[Matrix, Matrix] | None:
        """Both sides at the numbers: fractions, else floats."""
        a, b, moving = pair
        variables = bench.variables(*a.roots, *b.roots)
        if moving or not self.covers(variables):
            return None
        for K in (Rationals(), SmallFloats()):
            E = self.point(variables, K)
            if E is None:
                return None
            try:
                for name, value in bench.book.values.items():
                    if bench.variables(value) <= variables:
                        E.define(name, value)
                return a.value(E, {}), b.value(E, {})
            except (NotExact, KeyError):
                continue
            except (Pole, ArithmeticError, ValueError):
                return None
        return None

    def text(self, variables: frozenset[Expr]) -> str:
        """The numbers in words: H = [[1, 1], [1, 0]], y = (1, 2)."""
        names = sorted(str(x.attrs[0]) for x in variables)
        return ", ".join(f"{n} = {self.given[n].shown}" for n in names)

    def changed(self) -> Iterator[tuple[str, Given, Data]]:
        """The same with the numbers of one letter slipped: signs, one sign, the order."""
        for name, one in reversed(self.given.items()):
            for rows in _slips(one.rows):
                other = Given(rows, one.number, one.text)
                yield name, other, Data({**self.given, name: other})


def _slips(rows: Rows) -> Iterator[Rows]:
    yield tuple(tuple(-x for x in row) for row in rows)
    for i, row in enumerate(rows):
        for j, _ in enumerate(row):
            yield tuple(tuple(-x if (i, j) == (p, q) else x for q, x in enumerate(r)) for p, r in enumerate(rows))
    yield tuple(reversed(rows))


def sizes_of(shapes: Mapping[Expr, tuple[int, int]]) -> dict[str, int] | None:
    """The dimensions that make variables have these shapes, None where there are none."""
    wanted: list[tuple[Dim, int]] = [(d, k) for x, s in shapes.items() for d, k in zip(x.shape, s, strict=True)]
    sizes: dict[str, int] = {}
    for _ in range(len(wanted) + 1):
        for d, k in wanted:
            free = d.names - sizes.keys()
            if not free:
                if _value(d, sizes) != k:
                    return None
            elif len(free) == 1:
                (name,) = free
                fitting = [n for n in range(1, k + 1) if _value(d, {**sizes, name: n}) == k]
                if not fitting:
                    return None
                sizes[name] = fitting[0]
    return sizes


def _value(d: Dim, sizes: Mapping[str, int]) -> int:
    return int(d.subs({name: Dim.of(sizes[name]) for name in d.names}))


def equal(left: Matrix, right: Matrix) -> bool:
    """Whether two matrices are equal, exactly for fractions."""
    if (left.m, left.n) != (right.m, right.n):
        return False
    pairs = list(zip(left.entries, right.entries, strict=True))
    if all(isinstance(x, (int, Fraction)) for p in pairs for x in p):
        return all(a == b for a, b in pairs)
    return all(abs(a - b) <= CLOSE * max(1.0, abs(a), abs(b)) for a, b in pairs)
