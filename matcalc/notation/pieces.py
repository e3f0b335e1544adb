"""Blocks, parts and indexed sums: X[i,:], [A, B; C, D], Σᵢ."""

from __future__ import annotations

from typing import Any

from matcalc.core.algebra import T, mul, unit, zeros
from matcalc.core.dims import Dim
from matcalc.core.tree import Expr, make
from matcalc.notation.builder import RULES, Builder, Typed
from matcalc.notation.dimension import Size, Sum
from matcalc.notation.functions import as_size
from matcalc.notation.surface import Node
from matcalc.notation.terms import Var, find

MAX_BOUND = 10_000
_BLOCK = "the blocks of a row have one height, those of a column one width"


# ── blocks ────────────────────────────────────────────────────────────────────────────────────────────────
def _block(b: Builder, node: Node) -> Typed:
    lengths = node.value
    grid: list[list[tuple[Node, Typed]]] = []
    position = 0
    for length in lengths:
        grid.append([(x, b.infer(x)) for x in node.args[position: position + length]])
        position += length
    if len(grid) == len(grid[0]) == 1:
        return grid[0][0][1]
    regular = len(set(lengths)) == 1
    heights = [_common(b, row, "rows") for row in grid]
    if regular:
        columns = [list(column) for column in zip(*grid, strict=True)]
        widths = [_common(b, column, "cols") for column in columns]
        grid = [[(x, _zero(b, x, t, h, w)) for (x, t), w in zip(row, widths, strict=True)]
                for row, h in zip(grid, heights, strict=True)]
        cols = _plus(widths)
    else:
        grid = [[(x, _zero(b, x, t, h, None)) for x, t in row] for row, h in zip(grid, heights, strict=True)]
        totals = [_plus([t.cols for _, t in row]) for row in grid]
        for row, total in zip(grid[1:], totals[1:], strict=True):
            b.require(totals[0], total, "the rows of a block matrix have one width", grid[0][0], row[0])
        cols = totals[0]
    result = Typed(_plus(heights), cols, lambda: zeros((Dim.of(1), Dim.of(1))))

    def build() -> Expr:
        b.shape(result)  # refuses what is out of proportion
        if regular:
            return make(
                "block", *(t.make() for row in grid for _, t in row), rows=len(grid), cols=len(grid[0])
            )
        strips = [make("block", *(t.make() for _, t in row), rows=1, cols=len(row)) for row in grid]
        return make("block", *strips, rows=len(strips), cols=1)

    result.make = build
    return result


def _is_zero(x: Node) -> bool:
    return x.kind == "num" and x.value == 0


def _common(b: Builder, line: list[tuple[Node, Typed]], side: str) -> Size:
    """The one height of a block row, or the one width of a block column."""
    fixed = [(x, t) for x, t in line if not _is_zero(x)]
    if not fixed:
        return Var(loose=True)
    first = fixed[0]
    for other in fixed[1:]:
        numbers = [o for o in (first, other) if o[0].kind == "num"]
        hint = "a number in a block is 1×1; a vector of ones is 1_n" if numbers else ""
        b.require(getattr(first[1], side), getattr(other[1], side), _BLOCK, first, other, hint=hint)
    return getattr(first[1], side)


def _zero(b: Builder, x: Node, t: Typed, rows: Size, cols: Size) -> Typed:
    """A 0 takes the height of its row and the width of its column."""
    if not _is_zero(x):
        return t
    cols = (1 if rows == 1 else Var()) if cols is None else cols
    return Typed(rows, cols, lambda: zeros((b.dim(rows), b.dim(cols))))


def _plus(sizes: list[Size]) -> Size:
    return sizes[0] if len(sizes) == 1 else Sum(tuple(sizes))


# ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────
def _part(b: Builder, node: Node) -> Typed:
    x = node.args[0]
    t = b.infer(x)
    items = [_item(b, node, item) for item in node.value]
    axes = [t.rows, t.cols]
    if len(items) == 1:
        if find(t.cols) != 1:
            raise b.clash(("one index selects an entry of a vector", b.source, ((x, t),),
                           f"for a matrix: {b.text(x)}[i,:] is a row, {b.text(x)}[:,j] a column"))
        items.append(("all",))
    elif find(t.cols) == 1 and find(t.rows) != 1 and items[1] not in (("all",), ("one", 1)):
        raise b.clash(("a vector has one index", b.source, ((x, t),), f"{b.text(x)}[i]"))
    chosen = [_select(b, node, axis, item) for axis, item in zip(axes, items, strict=True)]
    rows, cols = (size for size, _ in chosen)

    def build() -> Expr:
        e = t.make()
        (r, row), (c, col) = ((b.dim(s), f) for s, f in chosen)
        left, right = (f() for f in (row, col))
        if isinstance(left, Dim) or isinstance(right, Dim):
            whole = e.shape
            e = make("part", e, top=left if isinstance(left, Dim) else Dim.of(0),
                     height=r if isinstance(left, Dim) else whole[0],
                     left=right if isinstance(right, Dim) else Dim.of(0),
                     width=c if isinstance(right, Dim) else whole[1])
        factors = [f for f in (T(left) if isinstance(left, Expr) else None, e, right) if isinstance(f, Expr)]
        return mul(*factors)

    return Typed(rows, cols, build)


Item = tuple[Any, ...]


def _item(b: Builder, node: Node, item: Any) -> Item:
    """An index item: ("all",), ("one", index) or ("range", low, high)."""
    if isinstance(item, str):
        return ("all",) if item == ":" else ("one", int(item) if item.isdigit() else item)
    if item[0] == "all":
        return ("all",)
    if item[0] == "range":
        return ("range", as_size(b, item[1]), as_size(b, item[2]))
    x = item[1]
    if x.kind == "num" and isinstance(x.value, int) and x.value > 0:
        return ("one", x.value)
    if x.kind == "name":
        return ("one", x.value)
    raise b.unsupported(f"the index {b.text(x)} is not supported", x,
                        "an index is a whole number from 1, or a bound index by itself (not i+1)")


def _select(b: Builder, node: Node, axis: Size, item: Item) -> tuple[Size, Any]:
    """The size that is left of an axis, and a function that gives a unit vector, an offset, or nothing."""
    if item[0] == "all":
        return axis, lambda: None
    if item[0] == "range":
        low, high = item[1], item[2]
        if isinstance(low, int) and isinstance(high, int) and high < low:
            raise b.parse_error("this range is empty", node, "ranges include both ends")
        length = high if low == 1 else high - low + 1 if isinstance(low, int) and isinstance(high, int) else \
            Sum((high, 1), (low,))
        return length, lambda: b.dim(low - 1 if isinstance(low, int) else Sum((low,), (1,)))
    index = item[1]
    if isinstance(index, int):
        if isinstance(find(axis), int) and index > find(axis):
            raise b.parse_error(f"the index {index} is larger than the dimension {find(axis)}", node)
    elif index in b.indices:
        tie(b, index, axis)
    elif index not in b.scope.dims:
        raise b.parse_error(
            f"the index {index} is not bound by a sum", node, f"sum_{{{index}}} …, or declare {index} ∈ N"
        )
    if find(axis) == 1:
        return 1, lambda: None
    return 1, lambda: unit(index, b.dim(axis))


def tie(b: Builder, index: str, axis: Size) -> None:
    """An index that runs over an axis has its length, where the sum does not say otherwise."""
    high, free = b.indices[index]
    if find(axis) != 1 and (free or type(find(axis)) is Var or type(find(high)) is Var):
        b.require(high, axis, f"the index {index} runs over axes of different lengths")


# ── sums ──────────────────────────────────────────────────────────────────────────────────────────────────
def _isum(b: Builder, node: Node) -> Typed:
    outer = dict(b.indices)
    bounds: list[tuple[str, Size, Size]] = []
    for index, low, high in node.value:
        for bound in (low, high):
            if isinstance(bound, int) and bound > MAX_BOUND:
                raise b.unsupported("this sum has too many terms", node, f"bounds up to {MAX_BOUND}")
        free = high is None and low == 1
        b.indices[index] = (Var() if high is None else high, free)
        bounds.append((index, low, b.indices[index][0]))
    t = b.infer(node.args[0])
    b.indices = outer

    def build() -> Expr:
        e = t.make()
        for index, low, high in reversed(bounds):
            e = make("isum", e, index=index, low=b.dim(low), high=b.dim(high))
        return e

    return Typed(t.rows, t.cols, build)


RULES.update(block=_block, part=_part, isum=_isum)
