"""Blocks, parts and indexed sums: X[i,:], [A, B; C, D], Σᵢ."""

from __future__ import annotations

from typing import Any

from matcalc.core.algebra import T, mul, unit, zeros
from matcalc.core.dims import Dim
from matcalc.core.tree import Expr, make
from matcalc.errors import ParseError
from matcalc.notation.building.builder import RULES, Builder, Moved, Part, Typed
from matcalc.notation.building.functions import as_size
from matcalc.notation.building.terms import Var, difference, find, shifted
from matcalc.notation.dimension import Product, Size, Sum
from matcalc.notation.syntax.surface import Node, names_in

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
Item = tuple[Any, ...]


def _part(b: Builder, node: Node) -> Typed:
    x = node.args[0]
    items = [_item(b, node, item) for item in node.value]
    t = b.infer(x)
    if t.is_scalar:
        raise b.clash(("a number has no entries", b.source, ((x, t),), ""))
    whole = [("all",)] * len(items)
    ranges = [_window(b, node, t, axis, item) for axis, item in enumerate(items)]
    if any(r is not None for r in ranges):
        t = _cut(b, node, t, [r or ("all",) for r in ranges]) if ranges != whole else t
    return _cut(b, node, t, [item[:2] if item[0] == "one" else item for item in items])


def _window(b: Builder, node: Node, t: Typed, axis: int, item: Item) -> Item | None:
    """The range over which x_{i+k} runs as i runs from its lower bound: that part's i-th entry, from 1, is x_{i+k}."""
    if item[0] != "one" or item[1] not in b.moved:
        if item[0] == "one" and item[2] and item[1] in b.indices:
            raise b.parse_error(f"the index {item[1]} with an offset needs the bounds of its sum", node,
                                f"sum_{{{item[1]}=1}}^{{n-1}} …, so that {item[1]} + 1 stays inside")
        if item[0] == "one" and item[2]:
            raise _unbound(b, node, item[1])
        return None
    moved, size = b.moved[item[1]], (t.rows, t.cols)[axis]
    first = moved.low + item[2]
    if first < 1:
        raise b.parse_error(f"{item[1]} begins at {moved.low}, so this begins before the first entry", node,
                            f"entries are counted from 1: begin the sum at {item[1]} = {1 - item[2]}")
    end = shifted(moved.high, moved.reach[b.text(node.args[0]), axis])
    room = difference(size, end)
    if room is not None and room < 0:
        raise b.parse_error(f"{item[1]} runs past the end of `{b.text(node.args[0])}`", node,
                            f"let {item[1]} end {-room} earlier")
    if room is None:
        b.require(size, end, f"{item[1]} must stay inside `{b.text(node.args[0])}`", (node.args[0], t))
    last = shifted(moved.high, item[2])
    return ("all",) if first == 1 and difference(size, last) == 0 else ("range", first, last)


def _cut(b: Builder, node: Node, t: Typed, items: list[Item]) -> Typed:
    """The part that index items select."""
    x = node.args[0]
    axes = [t.rows, t.cols]
    if len(items) == 1:
        if find(t.cols) != 1:
            name = x.value if x.kind == "name" else b.text(x)
            raise b.clash(("one index selects an entry of a vector", b.source, ((x, t),),
                           f"of a matrix, {name}[i,:] is a row, {name}[:,j] a column and {name}[i,j] an entry"))
        items.append(("all",))
    elif find(t.cols) == 1 and find(t.rows) != 1 and items[1] not in (("all",), ("one", 1)):
        raise b.clash(("a vector has one index", b.source, ((x, t),), f"{b.text(x)}[i]"))
    chosen = [_select(b, node, t, axis, item) for axis, item in zip(axes, items, strict=True)]
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


def _item(b: Builder, node: Node, item: Any) -> Item:
    """An index item: ("all",), ("one", index, offset) or ("range", low, high); n − 1 of dimensions is an index."""
    if isinstance(item, str):
        if item == ":":
            return ("all",)
        return ("one", int(item), 0) if item.isdigit() else ("one", item[0], int(item[1:] or 0))
    if item[0] == "all":
        return ("all",)
    if item[0] == "range":
        for end in item[1:3]:
            if isinstance(end, Node) and (tied := b.indices.keys() & set(names_in(end))):
                raise b.unsupported(f"this part ends at the index {min(tied)} of a sum", end, TRIANGLE)
        return ("range", as_size(b, item[1]), as_size(b, item[2]))
    x = item[1]
    if x.kind == "num" and isinstance(x.value, int) and x.value > 0:
        return ("one", x.value, 0)
    if x.kind == "name":
        return ("one", x.value, 0)
    if x.kind == "num" or x.kind == "neg":
        raise b.parse_error("entries are counted from 1", x, "x[1] is the first entry, X[1,:] the first row")
    if (found := _with_offset(x)) is not None and found[0] in b.indices:
        return ("one", *found)
    if x.kind in ("sum", "product", "pow") and set(names_in(x)) <= b.scope.dims - b.indices.keys():
        return ("one", as_size(b, x), 0)
    raise b.unsupported(f"the index {b.text(x)} is not supported", x,
                        "an index is a whole number from 1, or bound by a sum, or declared: x_i, x_{i+1}")


def _unbound(b: Builder, node: Node, index: str) -> ParseError:
    """An index outside of its sum, or without one."""
    hint = f"sum_{{{index}}} …, or declare {index} ∈ N"
    if index in b.summed:
        hint = f"the sum over {index} ends before the next + or -; put its body in brackets"
    return b.parse_error(f"the index {index} is not bound by a sum", node, hint)


def _with_offset(x: Node) -> tuple[str, int] | None:
    """i + 1 and i − 1 as an index and its offset."""
    if x.kind != "sum" or len(x.args) != 2 or x.value[0] != 1 or [a.kind for a in x.args] != ["name", "num"]:
        return None
    number = x.args[1].value
    return (x.args[0].value, x.value[1] * number) if isinstance(number, int) else None


def _select(b: Builder, node: Node, t: Typed, axis: Size, item: Item) -> tuple[Size, Any]:
    """The size that is left of an axis, and a function that gives a unit vector, an offset, or nothing."""
    if item[0] == "all":
        return axis, lambda: None
    if item[0] == "range":
        low, high = item[1], item[2]
        if isinstance(low, int) and isinstance(high, int) and high < low:
            raise b.parse_error("this range is empty", node, "ranges include both ends")
        length = shifted(high, 1 - low) if isinstance(low, int) else Sum((high, 1), (low,))
        return length, lambda: b.dim(low - 1 if isinstance(low, int) else Sum((low,), (1,)))
    index = item[1]
    if isinstance(index, (Sum, Product)):
        return 1, lambda: unit(b.dim(index), b.dim(axis))
    if isinstance(index, int):
        if isinstance(find(axis), int) and index > find(axis):
            raise b.parse_error(f"the index {index} is larger than the dimension {find(axis)}", node)
    elif index in b.indices:
        _tie(b, index, axis, (node.args[0], t))
    elif index not in b.scope.dims:
        raise _unbound(b, node, index)
    if find(axis) == 1:
        return 1, lambda: None
    place = Dim.name(index) if isinstance(index, str) and index not in b.indices else index
    return 1, lambda: unit(place, b.dim(axis))


def _tie(b: Builder, index: str, axis: Size, operand: Part) -> None:
    """An index that runs over an axis has its length, where the sum does not say otherwise."""
    high, free = b.indices[index]
    if find(axis) != 1 and (free or type(find(axis)) is Var or type(find(high)) is Var):
        b.require(high, axis, f"the index {index} runs over axes of different lengths", operand)


TRIANGLE = "sum(tril(X)) for the entries on and below the diagonal, tril(1_{n×n})y for running sums"


# ── sums ──────────────────────────────────────────────────────────────────────────────────────────────────
def _isum(b: Builder, node: Node) -> Typed:
    outer, moved = dict(b.indices), dict(b.moved)
    bounds: list[tuple[str, Size, Size]] = []
    for index, low, high in node.value:
        b.moved.pop(index, None)
        if isinstance(low, int) and isinstance(high, int) and high < low:
            raise b.parse_error(f"this sum is empty: {index} runs from {low} to {high}", node)
        b.summed.add(index)
        reach = _reach(b, node.args[0], index)
        if high is not None and isinstance(low, int) and (low < 1 or any(k for k, _ in reach.values())):
            b.moved[index] = Moved(low, high, {operand: k for operand, (_, k) in reach.items()})
            low, high = 1, shifted(high, 1 - low)
        for bound in (low, high):
            if isinstance(bound, int) and bound > MAX_BOUND:
                raise b.unsupported("this sum has too many terms", node, f"bounds up to {MAX_BOUND}")
        free = high is None and low == 1
        b.indices[index] = (Var() if high is None else high, free)
        bounds.append((index, low, b.indices[index][0]))
    t = b.infer(node.args[0])
    b.indices, b.moved = outer, moved

    def build() -> Expr:
        e = t.make()
        for i, (index, low, high) in reversed(list(enumerate(bounds))):
            ends = b.dim(low), b.dim(high)
            spelled = b.sizes.spelled()  # n − i has a name of its own
            said = {n for d in ends for name in d.names for n in {name} | getattr(spelled.get(name), "names", set())}
            if tied := {*outer, *(other for other, _, _ in bounds[:i])} & said:
                raise b.unsupported(f"how far {index} runs depends on {min(tied)}", node, TRIANGLE)
            e = make("isum", e, index=index, low=ends[0], high=ends[1])
        return e

    return Typed(t.rows, t.cols, build)


def _reach(b: Builder, body: Node, index: str) -> dict[tuple[str, int], tuple[bool, int]]:
    """For each operand and axis that an index selects from: whether with an offset, and the largest offset."""
    found: dict[tuple[str, int], tuple[bool, int]] = {}
    stack = [body]
    while stack:
        node = stack.pop()
        if node.kind == "isum" and any(i == index for i, _, _ in node.value):
            continue
        if node.kind == "part":
            for axis, raw in enumerate(node.value):
                item = raw if isinstance(raw, str) else raw[1] if raw[0] == "one" else None
                offset = _offset_of(item, index)
                if offset is not None:
                    key = (b.text(node.args[0]), axis)
                    some, most = found.get(key, (False, offset))
                    found[key] = (some or offset != 0, max(most, offset))
        stack.extend(node.args)
    return found


def _offset_of(item: Any, index: str) -> int | None:
    """The offset with which an index item selects by this index; None where it does not."""
    if isinstance(item, str):
        return int(item[1:] or 0) if item[:1] == index else None
    if item is None or item.kind == "name":
        return 0 if item is not None and item.value == index else None
    found = _with_offset(item)
    return found[1] if found is not None and found[0] == index else None


RULES.update(block=_block, part=_part, isum=_isum)
