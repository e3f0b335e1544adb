"""Symbolic dimensions: polynomials in names with non-negative integer coefficients.

Dimensions are interned, so equal dimensions are the same object and shapes compare by identity.
Nothing is solved here: unification belongs to the reader.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import ClassVar

Monomial = tuple[str, ...]
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Dim:
    """A dimension such as `n`, `2m + 1` or `mn`.

    >>> m, n = Dim.name("m"), Dim.name("n")
    >>> (m + Dim.of(1)) * n
    mn + n
    >>> (m * n).at({"m": 2, "n": 3})
    6
    """

    __slots__ = ("terms", "names", "_text")
    _table: ClassVar[dict[tuple[tuple[Monomial, int], ...], Dim]] = {}

    terms: tuple[tuple[Monomial, int], ...]
    names: frozenset[str]
    _text: str

    def __new__(cls, terms: Mapping[Monomial, int]) -> Dim:
        """Intern the polynomial with these coefficients (zero ones dropped)."""
        key = tuple(sorted(((m, c) for m, c in terms.items() if c), key=lambda t: (-len(t[0]), t[0])))
        found = cls._table.get(key)
        if found is None:
            found = object.__new__(cls)
            found.terms = key
            found.names = frozenset(name for monomial, _ in key for name in monomial)
            found._text = _text(key)
            cls._table[key] = found
        return found

    def less(self, other: Dim) -> Dim:
        """The difference for print, which may have negative coefficients; no shape has them.

        >>> Dim.name("n").less(Dim.of(1))
        n - 1
        """
        total = dict(self.terms)
        for monomial, c in other.terms:
            total[monomial] = total.get(monomial, 0) - c
        return Dim(total)

    @staticmethod
    def of(value: int) -> Dim:
        """The constant dimension `value`."""
        return Dim({(): value})

    @staticmethod
    def name(name: str) -> Dim:
        """The dimension called `name`."""
        return Dim({(name,): 1})

    def __add__(self, other: Dim) -> Dim:
        total = dict(self.terms)
        for monomial, c in other.terms:
            total[monomial] = total.get(monomial, 0) + c
        return Dim(total)

    def __mul__(self, other: Dim) -> Dim:
        if self is ONE:
            return other
        if other is ONE:
            return self
        total: dict[Monomial, int] = {}
        for a, c in self.terms:
            for b, e in other.terms:
                monomial = tuple(sorted(a + b))
                total[monomial] = total.get(monomial, 0) + c * e
        return Dim(total)

    def over(self, divisor: Dim) -> Dim:
        """The polynomial whose product with `divisor` this is.

        Raises:
            ValueError: there is none with integer coefficients.

        >>> m, n = Dim.name("m"), Dim.name("n")
        >>> (m * m + m * n + m * n + n * n).over(m + n)
        m + n
        """
        if divisor is ONE:
            return self
        rest, quotient = dict(self.terms), dict[Monomial, int]()
        lead, c = max(divisor.terms, key=_degree)
        while rest:
            top = max(rest.items(), key=_degree)
            missing = Counter(lead) - Counter(top[0])
            if missing or top[1] % c:
                raise ValueError(f"{self} is not a multiple of {divisor}")
            factor = tuple(sorted((Counter(top[0]) - Counter(lead)).elements()))
            quotient[factor] = top[1] // c
            for monomial, k in divisor.terms:
                product = tuple(sorted(monomial + factor))
                rest[product] = rest.get(product, 0) - k * quotient[factor]
                if not rest[product]:
                    del rest[product]
        return Dim(quotient)

    @property
    def is_number(self) -> bool:
        """Whether no name occurs."""
        return not self.names

    def __int__(self) -> int:
        if self.names:
            raise TypeError(f"the dimension {self} is not a number")
        return self.terms[0][1] if self.terms else 0

    def subs(self, values: Mapping[str, Dim]) -> Dim:
        """Replace names by dimensions."""
        if self.names.isdisjoint(values):
            return self
        total = ZERO
        for monomial, c in self.terms:
            product = Dim.of(c)
            for name in monomial:
                product = product * values.get(name, Dim.name(name))
            total = total + product
        return total

    def at(self, values: Mapping[str, int]) -> int:
        """The integer value with every name given."""
        total = 0
        for monomial, c in self.terms:
            for name in monomial:
                c *= values[name]
            total += c
        return total

    def __lt__(self, other: Dim) -> bool:
        return self._text < other._text

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__

    def __reduce__(self) -> tuple[object, ...]:
        return (Dim, (dict(self.terms),))


def _degree(term: tuple[Monomial, int]) -> tuple[int, Monomial]:
    """Sorts monomials in an order that multiplication keeps: by degree, then by their letters."""
    return len(term[0]), term[0]


def _text(terms: tuple[tuple[Monomial, int], ...]) -> str:
    """The polynomial in print; a difference stands only there."""
    parts = [(" - " if c < 0 else " + ") + _monomial_text(m, abs(c)) for m, c in sorted(terms, key=lambda t: t[1] < 0)]
    out = "".join(parts)
    return out.removeprefix(" + ") if out[:3] == " + " else out.replace(" - ", "-", 1) or "0"


def _monomial_text(monomial: Monomial, c: int) -> str:
    powers = [n + str(k).translate(_RAISED) * (k > 1) for n, k in Counter(monomial).items()]
    text = "".join(powers) if all(len(n) == 1 for n in monomial) else "·".join(powers)
    return text if c == 1 and text else f"{c}{text}"


Shape = tuple[Dim, Dim]

ZERO = Dim.of(0)
ONE = Dim.of(1)
SCALAR: Shape = (ONE, ONE)


def shape_text(shape: Shape) -> str:
    """A shape as people write it: `m×n`, a vector `n×1`, `scalar`."""
    return "scalar" if shape == SCALAR else f"{shape[0]}×{shape[1]}"
