"""The order of a matrix product when sizes are symbolic.

Every dimension name is tried small and large. An order that is (nearly) the best in all these cases is taken;
where none is, the sizes decide at run time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from math import log

from matcalc.core.dims import Dim
from matcalc.ir.array import Array

SMALL, LARGE = 7, 400
NAMES_TRIED = 4  # further names get a middle size
NEARLY = 1.2  # an order this close to the best everywhere is good enough

Tree = int | tuple["Tree", "Tree"]
Sizes = dict[str, int]
Known = Callable[[tuple[Array, ...]], bool]


def cases(shapes: Sequence[tuple[Dim, ...]]) -> tuple[Sizes, ...]:
    """Sizes to try: each dimension name small or large."""
    names = sorted({name for shape in shapes for d in shape for name in d.names})
    rest = dict.fromkeys(names[NAMES_TRIED:], 50)
    return tuple(
        dict(zip(names, sizes, strict=False)) | rest
        for sizes in product((SMALL, LARGE), repeat=len(names[:NAMES_TRIED]))
    )


def best_order(factors: Sequence[Array], is_known: Known) -> Tree | None:
    """The order of a product of matrices as a tree over factor numbers, None where only sizes can tell.

    `is_known(factors)` says whether a product is computed anyway.
    """
    if len(factors) <= 2:
        return 0 if len(factors) == 1 else (0, 1)
    trials = _trials(factors, is_known)
    candidates: list[Tree] = []
    for t in trials:
        if t.tree not in candidates:
            candidates.append(t.tree)
    for tree in candidates:
        if all(t.cost_of(tree) <= NEARLY * t.cost for t in trials):
            return tree
    return None


def cheapest_mean(factors: Sequence[Array], is_known: Known) -> Tree:
    """The order whose cost is least on the geometric mean of the cases."""
    trials = _trials(factors, is_known)
    return min((t.tree for t in trials), key=lambda tree: sum(log(1 + t.cost_of(tree)) for t in trials))


def mean_cost(factors: Sequence[Array], is_known: Known) -> float:
    """The cost of the best order, as a mean of logarithms over the cases."""
    if len(factors) == 1:
        return 0.0
    trials = _trials(factors, is_known)
    return sum(log(1 + t.cost) for t in trials) / len(trials)


def _trials(factors: Sequence[Array], is_known: Known) -> list[_Case]:
    n = len(factors)
    free = {(i, j) for i in range(n) for j in range(i + 1, n) if is_known(tuple(factors[i:j + 1]))}
    return [_Case(factors, sizes, free) for sizes in cases([f.shape for f in factors])]


class _Case:
    """The best order for given sizes, by dynamic programming."""

    def __init__(self, factors: Sequence[Array], sizes: Sizes, free: set[tuple[int, int]]) -> None:
        self.dims = [f.shape[0].at(sizes) for f in factors] + [factors[-1].shape[1].at(sizes)]
        self.diagonal = [f.name == "diag_matrix" for f in factors]
        self.free = free
        n = len(factors)
        best: dict[tuple[int, int], tuple[float, Tree]] = {(i, i): (0.0, i) for i in range(n)}
        for length in range(2, n + 1):
            for i in range(n - length + 1):
                j = i + length - 1
                options = [
                    (
                        best[i, k][0] + best[k + 1, j][0] + self.step(i, k, j),
                        (best[i, k][1], best[k + 1, j][1]),
                    )
                    for k in reversed(range(i, j))
                ]
                cost, tree = min(options, key=lambda option: option[0])
                best[i, j] = (0.0 if (i, j) in self.free else cost, tree)
        self.cost, self.tree = best[0, n - 1]

    def step(self, i: int, k: int, j: int) -> float:
        """The cost of the product of the factors i … k and k + 1 … j."""
        rows, inner, cols = self.dims[i], self.dims[k + 1], self.dims[j + 1]
        if (i == k and self.diagonal[i]) or (k + 1 == j and self.diagonal[j]):
            return float(rows * cols)
        return 2.0 * rows * inner * cols

    def cost_of(self, tree: Tree) -> float:
        """The cost of a whole order."""
        return self._cost(tree)[2]

    def _cost(self, tree: Tree) -> tuple[int, int, float]:
        if isinstance(tree, int):
            return tree, tree, 0.0
        i, k, left = self._cost(tree[0])
        _, j, right = self._cost(tree[1])
        return i, j, 0.0 if (i, j) in self.free else left + right + self.step(i, k, j)
