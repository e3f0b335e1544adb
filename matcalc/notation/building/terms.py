"""Unknown sizes, and sizes as ordered sums of ordered products: what equations between them are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from matcalc.core.dims import Dim
from matcalc.notation.dimension import Product, Size, Sum, Triangle

MAX_TERMS, MAX_DEGREE, MAX_DIMENSION = 200, 30, 10**9
MAX_WORK = 3_000  # sizes looked at for one dimension


class Var:
    """An unknown size, never 1 but for a zero block; `bound` is what it was found to be."""

    __slots__ = ("bound", "loose")

    def __init__(self, loose: bool = False) -> None:
        self.loose = loose  # may be 1, and is where nothing says otherwise
        self.bound: Size | None = None


Term = tuple[int, tuple[Any, ...]]  # a coefficient and ordered atoms (names, Vars, triangles)


def find(size: Size) -> Size:
    """Follow bindings to their end."""
    while type(size) is Var and size.bound is not None:
        size = size.bound
    return size


def check_limit(d: Dim) -> None:
    """Refuse a polynomial out of all proportion, as a ValueError."""
    if len(d.terms) > MAX_TERMS or any(len(monomial) > MAX_DEGREE for monomial, _ in d.terms):
        raise ValueError("a dimension of the formula has too many terms")
    if any(c > MAX_DIMENSION for _, c in d.terms):
        raise ValueError("a dimension of the formula is too large")


def terms(size: Size, budget: list[int] | None = None) -> list[Term] | None:
    """The size as an ordered sum of ordered products; None for a difference or what is out of proportion."""
    budget = budget or [MAX_WORK]
    budget[0] -= 1
    size = find(size)
    if type(size) is int:
        return [(size, ())] if size else []
    if budget[0] < 0:
        return None
    if type(size) is Product:
        out: list[Term] = [(1, ())]
        for factor in size.factors:
            inner = terms(factor, budget)
            if (
                inner is None
                or len(inner) * len(out) > MAX_TERMS
                or any(len(xs) > MAX_DEGREE for _, xs in out)
            ):
                return None
            out = [(c * d, xs + ys) for c, xs in out for d, ys in inner]
        return out
    if type(size) is Sum:
        if size.minus:
            return None
        collected: dict[tuple[Any, ...], int] = {}
        for part in size.parts:
            inner = terms(part, budget)
            if inner is None or len(collected) > MAX_TERMS:
                return None
            for c, xs in inner:
                collected[xs] = collected.get(xs, 0) + c
        return [(c, xs) for xs, c in collected.items()]
    return [(1, (size,))]


def affine(size: Size) -> tuple[Counter[Any], int] | None:
    """A size as names with their counts, and a number; None where products of names stand in it."""
    size = find(size)
    if type(size) is int:
        return Counter(), size
    if type(size) in (str, Var):
        return Counter({size: 1}), 0
    if type(size) is not Sum:
        return None
    names: Counter[Any] = Counter()
    number = 0
    for sign, parts in ((1, size.parts), (-1, size.minus)):
        for part in parts:
            inner = affine(part)
            if inner is None:
                return None
            for name, count in inner[0].items():
                names[name] += sign * count
            number += sign * inner[1]
    return Counter({name: count for name, count in names.items() if count}), number


def shifted(size: Size, by: int) -> Size:
    """A size plus a whole number, with its numbers collected: n − 1 shifted by 1 is n."""
    known = affine(size)
    if known is None:
        return size if not by else Sum((size, by)) if by > 0 else Sum((size,), (-by,))
    names, number = known[0], known[1] + by
    plus = [name for name, count in names.items() for _ in range(count)]
    minus = [name for name, count in names.items() for _ in range(-count)]
    (plus if number > 0 else minus).extend([abs(number)] if number else [])
    return 0 if not plus and not minus else plus[0] if len(plus) == 1 and not minus else Sum(tuple(plus), tuple(minus))


def difference(a: Size, b: Size) -> int | None:
    """a − b where that is a number for sure."""
    x, y = affine(a), affine(b)
    return x[1] - y[1] if x is not None and y is not None and x[0] == y[0] else None


def unordered(found: list[Term]) -> Counter[Any]:
    """The terms without their order: equal for equal polynomials."""
    total: Counter[Any] = Counter()
    for c, xs in found:
        total[tuple(sorted(xs, key=_rank))] += c
    return total


def _rank(atom: Any) -> tuple[str, int]:
    return (atom, 0) if type(atom) is str else ("", id(atom))


def orders(a: Size, b: Size) -> bool:
    """Whether the factors of one side are to be reversed: vec(X) beside a length typed as mn."""
    kinds = {find(x).order for x in (a, b) if type(find(x)) is Product}
    return kinds == {"vec", "typed"}


def cancelled(
    left: list[Term] | None, right: list[Term] | None, reverse: bool = False
) -> tuple[list[Term] | None, list[Term] | None]:
    """Both sides without their common terms and common factors."""
    if left is None or right is None:
        return None, None
    keep: list[Term] = []
    rest = list(right)
    for term in left:
        key = unordered([term])
        same = next((t for t in rest if unordered([t]) == key), None)
        if same is None:
            keep.append(term)
        else:
            rest.remove(same)
    if len(keep) == len(rest) == 1:
        (p, xs), (q, ys) = keep[0], rest[0]
        ys = ys[::-1] if reverse else ys
        remaining = list(ys)
        first = []
        for x in xs:
            if x in remaining:
                remaining.remove(x)
            else:
                first.append(x)
        return [(p, tuple(first))], [(q, tuple(remaining))]
    return keep, rest


def pairs_of(left: list[Term] | None, right: list[Term] | None) -> list[tuple[Any, Any]]:
    """The factors of two sums of products one by one; nothing where they do not pair up."""
    if left is None or right is None or len(left) != len(right):
        return []
    if any(p != q or len(xs) != len(ys) or not xs for (p, xs), (q, ys) in zip(left, right, strict=True)):
        return []
    return [pair for (_, xs), (_, ys) in zip(left, right, strict=True) for pair in zip(xs, ys, strict=True)]


def numbered_pairs(a: Size, b: Size) -> list[tuple[Any, Any]]:
    """The factors of two products one by one, numbers among them: 4 of 4m = nk is the n of vec(X)."""
    left, right = _factors(a), _factors(b)
    right = right[::-1] if orders(a, b) else right
    if len(left) != len(right) or len(left) < 2:
        return []
    pairs = [(x, y) for x, y in zip(left, right, strict=True) if x != y]
    return [] if any(Var not in (type(x), type(y)) for x, y in pairs) else pairs


def _factors(size: Size) -> list[Size]:
    """The factors of a product of atoms, in order; nothing for anything else."""
    size = find(size)
    if type(size) is not Product:
        return [size] if type(size) in (int, str, Var) else []
    inner = [_factors(f) for f in size.factors]
    return [x for found in inner for x in found] if all(inner) else []


def size_of(found: list[Term]) -> Size:
    """The size that terms spell."""
    products = []
    for c, xs in found:
        factors = (*([c] if c != 1 or not xs else []), *xs)
        products.append(factors[0] if len(factors) == 1 else Product(factors))
    return products[0] if len(products) == 1 else Sum(tuple(products))


def parts_of(size: Size) -> Iterable[Size]:
    """The size and everything inside it, each object once, in order."""
    seen: set[int] = set()
    stack = [size]
    while stack:
        x = find(stack.pop())
        if id(x) in seen:
            continue
        seen.add(id(x))
        yield x
        if type(x) is Triangle:
            stack.append(x.side)
        elif isinstance(x, Product):
            stack.extend(reversed(x.factors))
        elif isinstance(x, Sum):
            stack.extend(reversed(x.parts + x.minus))


def mentions(size: Size, var: Var) -> bool:
    """Whether an unknown occurs in a size."""
    return any(x is var for x in parts_of(size))
