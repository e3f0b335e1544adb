"""Random sizes for dimensions and random values for variables, by their declared facts; every draw is seeded.

The numbers come from an arithmetic that is handed in (modulo a prime, 50 digits, floats), so that one table
says for all of them what a symmetric or an orthogonal matrix is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any, Protocol

from matcalc.core.dims import Dim
from matcalc.core.tree import Expr

Condition = tuple[Dim, Dim]
STYLES = ("normal", "positive", "small", "near")
LARGE = 12  # numbers in shapes above this may be replaced by small ones
BUDGET = 20_000  # sizes that are tried before the conditions are given up


class Numbers(Protocol):
    """What a draw needs from an arithmetic."""

    zero: Any
    one: Any

    def build(self, m: int, n: int, entry: Callable[[int, int], Any]) -> Any:
        """The m×n matrix of these entries."""

    def random(self, rng: Random, style: str) -> Any:
        """A random number."""

    def product(self, a: Any, b: Any) -> Any:
        """The matrix product."""

    def inv(self, a: Any) -> Any:
        """The inverse of a matrix."""


# ── values ────────────────────────────────────────────────────────────────────────────────────────────────
Draw = Callable[[Numbers, Any], Any]


def _gram(K: Numbers, A: Any) -> Any:
    """A Aᵀ + I."""
    square = K.product(A, K.build(A.n, A.m, lambda i, j: A[j, i]))
    return K.build(A.m, A.m, lambda i, j: square[i, j] + (K.one if i == j else K.zero))


def _cayley(K: Numbers, A: Any) -> Any:
    """(I − S)(I + S)⁻¹ with S = A − Aᵀ."""

    def plus(sign: int) -> Any:
        return K.build(A.m, A.m, lambda i, j: (K.one if i == j else K.zero) + sign * (A[i, j] - A[j, i]))

    return K.product(plus(-1), K.inv(plus(1)))


def _sym(K: Numbers, A: Any) -> Any:
    return K.build(A.m, A.n, lambda i, j: A[max(i, j), min(i, j)])


def _skew(K: Numbers, A: Any) -> Any:
    return K.build(A.m, A.n, lambda i, j: A[i, j] if i > j else -A[j, i] if i < j else K.zero)


def _diag(K: Numbers, A: Any) -> Any:
    return K.build(A.m, A.n, lambda i, j: A[i, j] if i == j else K.zero)


def _tril(K: Numbers, A: Any) -> Any:
    return K.build(A.m, A.n, lambda i, j: A[i, j] if i >= j else K.zero)


def _orthonormal(K: Numbers, A: Any) -> Any:
    """The first columns of an orthogonal matrix: AᵀA = I."""
    if A.m < A.n:
        raise ZeroDivisionError("more orthonormal columns than rows")
    Q = _cayley(K, K.build(A.m, A.m, lambda i, j: A[i, j] if j < A.n else K.zero))
    return K.build(A.m, A.n, lambda i, j: Q[i, j])


def _transposed(rule: Draw) -> Draw:
    """The rule for the transpose."""

    def value(K: Numbers, A: Any) -> Any:
        B = rule(K, K.build(A.n, A.m, lambda i, j: A[j, i]))
        return K.build(A.m, A.n, lambda i, j: B[j, i])

    return value


def _projection(K: Numbers, A: Any) -> Any:
    """C(CᵀC)⁻¹Cᵀ for the first half of the columns of A."""
    C = K.build(A.m, (A.m + 1) // 2, lambda i, j: A[i, j])
    Ct = K.build(C.n, C.m, lambda i, j: C[j, i])
    return K.product(C, K.product(K.inv(K.product(Ct, C)), Ct))


def _summing_to_one(K: Numbers, A: Any) -> Any:
    """The last entry of every column makes its sum 1."""
    rest = [sum((A[i, j] for i in range(A.m - 1)), K.zero) for j in range(A.n)]
    return K.build(A.m, A.n, lambda i, j: A[i, j] if i + 1 < A.m else K.one - rest[j])


VALUE: dict[str, Draw] = {
    "sym": _sym,
    "spd": _gram,
    "skew": _skew,
    "diag": _diag,
    "tril": _tril,
    "orth": _orthonormal,
    "orthonormal columns": _orthonormal,
    "orthonormal rows": _transposed(_orthonormal),
    "projection": _projection,
    "summing to 1": _summing_to_one,
}
"""A matrix with the fact, made from an arbitrary one."""

DIRECTION: dict[str, Draw] = {"sym": _sym, "spd": _sym, "skew": _skew, "diag": _diag, "tril": _tril}
"""A direction in which a matrix may move and keep the fact; where none stands here, any direction."""


def declared(x: Expr) -> tuple[str, ...]:
    """The facts of a variable or metavariable."""
    return x.attrs[1] if x.op.name == "var" and len(x.attrs) > 1 else ()


def size(d: Dim, sizes: Mapping[str, int]) -> int:
    """The value of a dimension; a large number may have been given a small one."""
    return sizes.get(str(d), int(d)) if d.is_number else d.at(sizes)


def draw(x: Expr, sizes: Mapping[str, int], K: Numbers, rng: Random, style: str = "normal") -> Any:
    """A random value for the variable `x`, with its declared facts.

    Shapes: those of `x` at `sizes`.
    """
    facts = declared(x)
    m, n = size(x.shape[0], sizes), size(x.shape[1], sizes)
    if style == "near" and m != n:
        style = "positive"
    if "positive" in facts:
        style = "positive"
    if "binary" in facts:
        return _mask(K, m, n, rng)
    near = style == "near"
    numbers = [K.random(rng, "small" if near else style) for _ in range(m * n)]
    A = K.build(m, n, lambda i, j: numbers[i * n + j] + (K.one if near and i == j else K.zero))
    for fact in facts:
        if fact in VALUE:
            A = VALUE[fact](K, A)
    if "sparse" in facts:
        M = _mask(K, m, n, rng)
        A = K.build(m, n, lambda i, j: A[i, j] * M[i, j])
    return A


def draw_direction(x: Expr, sizes: Mapping[str, int], K: Numbers, rng: Random) -> Any:
    """A random direction for the variable `x`, in the linear space of its declared structure."""
    m, n = size(x.shape[0], sizes), size(x.shape[1], sizes)
    numbers = [K.random(rng, "normal") for _ in range(m * n)]
    A = K.build(m, n, lambda i, j: numbers[i * n + j])
    for fact in declared(x):
        if fact in DIRECTION:
            A = DIRECTION[fact](K, A)
    return A


def _mask(K: Numbers, m: int, n: int, rng: Random) -> Any:
    """Zeros and ones, both where there is room for both."""
    bits = [rng.getrandbits(1) for _ in range(m * n)]
    if m * n > 1 and len(set(bits)) == 1:
        bits[rng.randrange(m * n)] ^= 1
    return K.build(m, n, lambda i, j: K.one if bits[i * n + j] else K.zero)


# ── sizes ─────────────────────────────────────────────────────────────────────────────────────────────────
def _half(n: Dim) -> Dim:
    """n + n², twice the length of a vech."""
    return n + n * n


_SIZED = frozenset({"duplication", "elimination", "vech", "unvech", "unit", "part", "unvec", "isum", "embed"})


def size_conditions(nodes: Iterable[Expr]) -> tuple[list[Condition], list[Condition]]:
    """What nodes ask of the dimensions: pairs that are equal, pairs (a, b) with a ≤ b."""
    equal: list[Condition] = []
    at_most: list[Condition] = []
    two = Dim.of(2)
    nodes = [e for e in nodes if e.op.name in _SIZED]
    bounds = {e.attrs[0]: e.attrs[2] for e in nodes if e.op.name == "isum"}
    for e in nodes:
        name = e.op.name
        if name == "duplication":
            equal.append((two * e.shape[1], _half(e.attrs[0])))
        elif name in ("elimination", "vech"):
            n = e.attrs[0] if name == "elimination" else e.args[0].shape[0]
            equal.append((two * e.shape[0], _half(n)))
        elif name == "unvech":
            equal.append((two * e.args[0].shape[0], _half(e.attrs[0])))
        elif name == "unit":
            index = e.attrs[0]
            last = Dim.of(index) if isinstance(index, int) else index if isinstance(index, Dim) else bounds.get(index)
            if isinstance(last, Dim):
                one = [(Dim.of(1), last)] if index is last and not last.is_number else []  # an empty sum has no index
                at_most += [*one, (last, e.shape[0])]
        elif name == "part":
            top, height, left, width = e.attrs
            at_most.append((top + height, e.args[0].shape[0]))
            at_most.append((left + width, e.args[0].shape[1]))
        elif name == "embed":
            top, left, m, n = e.attrs
            at_most.append((top + e.args[0].shape[0], m))
            at_most.append((left + e.args[0].shape[1], n))
        elif name == "unvec":
            equal.append((e.attrs[0] * e.attrs[1], e.args[0].shape[0]))
    return [c for c in equal if c[0] is not c[1]], [c for c in at_most if c[0] is not c[1]]


def _is_heavy(e: Expr) -> bool:
    """Whether e is a function of a matrix whose size is a product, such as the Hessian of tr(expm(X)) needs."""
    return e.op.kind == "function" and any(len(m) > 1 for d in e.shape for m, _ in d.terms)


class Sizes:
    """Draws sizes for the dimensions of some nodes, so that every condition on them holds.

    >>> m, k = Dim.name("m"), Dim.name("k")
    >>> from matcalc.core.algebra import var
    >>> Sizes([var("A", (m, k))], [(m * k, Dim.of(20))]).draw(Random(1))["m"] in (1, 2, 4, 5, 10, 20)
    True
    """

    def __init__(self, nodes: Iterable[Expr], conditions: Iterable[Condition] = ()) -> None:
        """Collect the names and what is asked of them."""
        nodes = list(nodes)
        equal, self._at_most = size_conditions(nodes)
        self._equal = [*conditions, *equal]
        dims = {d for e in nodes for d in (*e.shape, *(a for a in e.attrs if isinstance(a, Dim)))}
        names = {name for d in dims for name in d.names}
        for a, b in self._equal:
            names |= a.names | b.names
        tied = {n for pair in self._equal + self._at_most for d in pair for n in d.names}
        self.names = sorted(names, key=lambda n: (n not in tied, n))
        constants = [c for pair in self._equal + self._at_most for d in pair for m, c in d.terms if not m]
        self._limit = max([10, *constants])
        self._tied = tied
        fixed = {d for pair in self._equal + self._at_most for d in pair}
        numbers = {int(d) for d in dims if d.is_number}
        self.large = sorted(n for n in numbers if n > LARGE and Dim.of(n) not in fixed)
        self._most = 3 if any(map(_is_heavy, nodes)) else min(6, max(4, len(names) + 1))
        self._above = 1 + max((n for n in numbers if n <= LARGE), default=2)

    def draw(
        self, rng: Random, smallest: int = 1, *, unlike: Mapping[str, int] | None = None, shrink: bool = False
    ) -> dict[str, int] | None:
        """Small sizes, distinct where possible, larger ones only where a condition needs them.

        `unlike` asks for the opposite of other sizes: what was tall becomes wide. With `shrink` every large
        number is given a smaller size of its own, under the number as its name. None where no sizes meet the
        conditions.
        """
        values: dict[str, int] = {}
        self._budget = BUDGET
        wanted = {name: self._most + 2 - size for name, size in (unlike or {}).items()}
        if not self._complete(0, values, rng, smallest, wanted):
            return None
        small = {str(n): self._above + i for i, n in enumerate(self.large)} if shrink else {}
        return {**values, **small}

    def _complete(self, k: int, values: dict[str, int], rng: Random, smallest: int, wanted: Mapping[str, int]) -> bool:
        """Give values to the names from the k-th on, so that all conditions hold."""
        if k == len(self.names):
            return self.holds(values)
        name = self.names[k]
        for value in self._candidates(name, values, rng, smallest, wanted.get(name)):
            values[name] = value
            self._budget -= 1
            if self._budget < 0:
                break
            fits = name not in self._tied or self.holds(values)
            if fits and self._complete(k + 1, values, rng, smallest, wanted):
                return True
        values.pop(name, None)
        return False

    def _candidates(
        self, name: str, values: Mapping[str, int], rng: Random, smallest: int, wanted: int | None
    ) -> list[int]:
        """Candidates for one name, the best one first."""
        small = list(range(smallest, self._most + 1))
        rng.shuffle(small)
        used = set(values.values())
        small.sort(key=lambda v: (v != wanted, v in used))
        if name not in self._tied:
            return small
        return small + [v for v in range(1, self._limit + 1) if v not in small]

    def holds(self, values: Mapping[str, int]) -> bool:
        """Whether sizes meet every condition that they decide."""
        known = values.keys()
        for a, b in self._equal:
            if a.names <= known and b.names <= known and a.at(values) != b.at(values):
                return False
        for a, b in self._at_most:
            if a.names <= known and b.names <= known and a.at(values) > b.at(values):
                return False
        return True
