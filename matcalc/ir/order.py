"""The order of a matrix product when sizes are symbolic.

Every dimension name is tried small and large. An order that is (nearly) the best in all these cases is taken;
where none is, the sizes decide at run time. Parts of a product that are equal up to transposition cost once, so
a power is computed by repeated squaring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, product
from math import log

from matcalc.core.dims import Dim
from matcalc.ir.array import Array, build

SMALL, LARGE = 7, 400
NAMES_TRIED = 4  # further names get a middle size
NEARLY = 1.2  # an order this close to the best everywhere is good enough
LONG = 16  # the orders of a longer product are too many to weigh, here or at run time
SHORT = 8  # a longer product with equal parts is not ordered at run time: that computes each of them

Tree = int | tuple["Tree", "Tree"]
Sizes = dict[str, int]
Known = Callable[[tuple[Array, ...]], bool]
Segment = tuple[int, int]  # first and last factor


def cases(shapes: Sequence[tuple[Dim, ...]]) -> tuple[Sizes, ...]:
    """Sizes to try: each dimension name small or large."""
    names = sorted({name for shape in shapes for d in shape for name in d.names})
    tried = names[:NAMES_TRIED if len(shapes) <= LONG else 1]
    rest = dict.fromkeys(names[len(tried):], 50)
    return tuple(
        dict(zip(tried, sizes, strict=True)) | rest for sizes in product((SMALL, LARGE), repeat=len(tried))
    )


def commonest_pair(factors: Sequence[Array], is_known: Known) -> tuple[Array, Array] | None:
    """The neighbours that occur most often in a product, known ones first; None where all occur once."""
    counts: dict[tuple[Array, Array], int] = {}
    last: dict[tuple[Array, Array], int] = {}
    for i, pair in enumerate(pairwise(factors)):
        if last.get(pair) != i - 1:  # the pairs of AAA overlap
            counts[pair], last[pair] = counts.get(pair, 0) + 1, i
    best = max(counts, key=lambda pair: (counts[pair], is_known(pair)))
    return best if counts[best] > 1 else None


class Orders:
    """The best orders of one product, as trees over factor numbers.

    `is_known(factors)` says whether a product is computed anyway.
    """

    def __init__(self, factors: Sequence[Array], is_known: Known) -> None:
        self.factors = tuple(factors)
        self.parts = _Parts(self.factors, is_known)
        self.trials = [_Case(self.parts, sizes) for sizes in cases([f.shape for f in self.factors])]

    def everywhere(self) -> Tree | None:
        """The order that is nearly the best for all sizes, None where only the sizes can tell."""
        if len(self.factors) == 2:
            return (0, 1)
        for tree in self._candidates():
            if all(t.cost_of(tree) <= NEARLY * t.cost_of(t.tree()) for t in self.trials):
                return tree
        return None

    def on_average(self) -> Tree:
        """The order whose cost is least on the geometric mean of the cases."""
        return min(self._candidates(), key=lambda tree: sum(log(1 + t.cost_of(tree)) for t in self.trials))

    def cut(self) -> tuple[float, bool, int]:
        """Where to cut the product so that both parts and their inner product cost least, after that cost."""
        end = len(self.factors) - 1

        def cost(k: int) -> tuple[float, bool, int]:
            total = sum(log(1 + t.pair((0, k - 1), (k, end), 2.0 * t.dims[0] * t.dims[k])) for t in self.trials)
            copied = k == 1 and self.factors[0].name != "transpose"  # its transpose would be
            return round(total, 6), copied, k

        return min(map(cost, range(1, end + 1)))

    def is_for_run_time(self) -> bool:
        """Whether the product is short enough for the sizes to decide in every call."""
        return len(self.factors) <= (SHORT if self.parts.repeats else LONG)

    def _candidates(self) -> list[Tree]:
        return list(dict.fromkeys(t.tree() for t in self.trials))


class _Parts:
    """The segments of a product, numbered so that those that are equal up to transposition are one part."""

    def __init__(self, factors: tuple[Array, ...], is_known: Known) -> None:
        self.factors, n = factors, len(factors)
        turned = [build("transpose", f) for f in reversed(factors)]
        letters: dict[Array, int] = {}
        word = [letters.setdefault(f, len(letters)) for f in factors]
        back = [letters.setdefault(f, len(letters)) for f in turned]
        self.number = [[0] * n for _ in range(n)]
        self.is_turned = [[False] * n for _ in range(n)]
        self.first: list[Segment] = []  # where each part occurs first
        self.free: list[bool] = []
        self.repeats = False
        numbers: dict[tuple[int, ...], int] = {}
        for i, j in _segments(n):
            forth = tuple(word[i:j + 1])
            part = numbers.setdefault(forth, len(self.first))
            if part == len(self.first):
                numbers.setdefault(tuple(back[n - 1 - j:n - i]), part)
                self.first.append((i, j))
                self.free.append(i < j and is_known(factors[i:j + 1]))
            else:
                a, b = self.first[part]
                self.is_turned[i][j] = tuple(word[a:b + 1]) != forth
                self.repeats = self.repeats or i < j
            self.number[i][j] = part


def _segments(n: int) -> Iterator[Segment]:
    return ((i, i + length) for length in range(n) for i in range(n - length))


class _Case:
    """The best order for given sizes, by dynamic programming over the parts."""

    def __init__(self, parts: _Parts, sizes: Sizes) -> None:
        self.parts, factors = parts, parts.factors
        self.dims = [f.shape[0].at(sizes) for f in factors] + [factors[-1].shape[1].at(sizes)]
        self.diagonal = [f.name == "diag_matrix" for f in factors]
        self.cost: list[float] = []
        self.split: list[int] = []  # how many factors go left, where the part occurs first
        for part, (i, j) in enumerate(parts.first):
            cost, k = min(((self.pair((i, k), (k + 1, j), self.step(i, k, j)), -k) for k in range(i, j)),
                          default=(0.0, 0))
            self.cost.append(0.0 if parts.free[part] else cost)
            self.split.append(-k - i + 1)

    def pair(self, left: Segment, right: Segment, more: float = 0.0) -> float:
        """The cost of two parts, once where they are equal."""
        a, b = self.parts.number[left[0]][left[1]], self.parts.number[right[0]][right[1]]
        return self.cost[a] + (self.cost[b] if a != b else 0.0) + more

    def step(self, i: int, k: int, j: int) -> float:
        """The cost of the product of the factors i … k and k + 1 … j."""
        rows, inner, cols = self.dims[i], self.dims[k + 1], self.dims[j + 1]
        if (i == k and self.diagonal[i]) or (k + 1 == j and self.diagonal[j]):
            return float(rows * cols)
        return 2.0 * rows * inner * cols

    def tree(self) -> Tree:
        """The best order."""
        return self._tree(0, len(self.parts.factors) - 1)

    def _tree(self, i: int, j: int) -> Tree:
        if i == j:
            return i
        split = self.split[self.parts.number[i][j]]
        k = j - split if self.parts.is_turned[i][j] else i + split - 1
        return self._tree(i, k), self._tree(k + 1, j)

    def cost_of(self, tree: Tree) -> float:
        """The cost of a whole order, every part once."""
        return self._cost(tree, set())[2]

    def _cost(self, tree: Tree, met: set[int]) -> tuple[int, int, float]:
        if isinstance(tree, int):
            return tree, tree, 0.0
        (i, k, left), (_, j, right) = self._cost(tree[0], met), self._cost(tree[1], met)
        part = self.parts.number[i][j]
        if part in met or self.parts.free[part]:
            return i, j, 0.0
        met.add(part)
        return i, j, left + right + self.step(i, k, j)
