"""Indexed sums and parts: what Σ binds, and which bracket after an operand is a part."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from matcalc.errors import UnsupportedError
from matcalc.notation.characters import SUBSCRIPTS
from matcalc.notation.names import LETTERS, SUBSCRIPT_RUN, plain
from matcalc.notation.tokens.exponents import script

if TYPE_CHECKING:
    from matcalc.notation.tokens.lexer import Lexer

_SIMPLE_BOUND = re.compile(r"[a-zA-Z0-9+\-\s·^²³⁴⁵⁶⁷⁸⁹]*")
_RAW_SUM = re.compile(r"[\s]*(?:\\(?:no)?limits(?![A-Za-z]))?[\s]*")


def sum_sign(lx: Lexer, c: str) -> None:
    """∑ with its bounds, or the sum of all entries."""
    indexed_sum(lx, lx.position, lx.position + 1)


def _bounds(lx: Lexer, position: int) -> tuple[str, str, int]:
    """The texts of the subscript and the superscript of a sum sign, and the place after them."""
    low = high = ""
    for _ in range(2):
        space = _RAW_SUM.match(lx.text, position, lx.end)
        at = space.end() if space else position
        c = lx.text[at: at + 1] if at < lx.end else ""
        if c == "_" and not low or c == "^" and not high:
            inner, stop, position = script(lx, at + 1)
            text = lx.text[inner:stop]
            low, high = (text, high) if c == "_" else (low, text)
        elif c and (m := SUBSCRIPT_RUN.match(lx.text, at, lx.end)) and not low:
            low, position = m[0].translate(SUBSCRIPTS), m.end()
    return low, high, position


def _indices(low: str) -> list[tuple[str, str]] | None:
    """The indices of a sum's subscript with their lower bounds: `i,j=1` gives both 1."""
    if re.search(r"∈|\\in(?![A-Za-z])|\sin\s", low):
        return None
    text = plain(low)
    found: list[tuple[str, str]] = []
    for piece in text.split(","):
        index, _, bound = piece.partition("=")
        letters = [index] if len(index) == 1 else list(index) if index.isalpha() and not bound else []
        if not letters or not all(LETTERS.fullmatch(x) for x in letters):
            return None
        found += [(x, bound) for x in letters]
    if len({x for x, _ in found}) < len(found):
        return None
    bounds = [b for _, b in found if b]
    return [(x, b or (bounds[0] if bounds else "1")) for x, b in found]


def binds(lx: Lexer, position: int) -> bool:
    """Whether Σ is a sum: its subscript binds an index that the rest of the text uses."""
    low, _, after = _bounds(lx, position)
    found = _indices(low) if low else None
    if not found:
        return False
    if "=" in low:
        return True
    return all(_is_used(lx, x, after) for x, _ in found)


def _is_used(lx: Lexer, index: str, after: int) -> bool:
    """Whether a subscript or a bracket behind a place holds this index."""
    if lx.unused.get(index, lx.end + 1) <= after:
        return False
    x = re.escape(index)
    low = "".join(chr(code) for code, letter in SUBSCRIPTS.items() if chr(letter) == index)
    used = re.compile(rf"_\{{?[^{{}}\s]{{0,3}}{x}|\[[^\]]{{0,40}}\b{x}\b" + (rf"|[{low}]" if low else ""))
    if used.search(lx.text, after, lx.end):
        return True
    lx.unused[index] = after
    return False


def indexed_sum(lx: Lexer, start: int, end: int) -> None:
    """Σ with the bounds that stand at it, or the sum of all entries where none do."""
    low, high, after = _bounds(lx, end)
    if not low:
        if high:
            raise lx.error("the sum does not say its index", start, after, "sum_{k=1}^{p} …")
        return lx.function("sum", start, after, lx.rest_is_bracket(after))
    found = _indices(low)
    if found is None:
        raise UnsupportedError(
            "this kind of sum is not supported",
            lx.source.place(start, after),
            hint="write sum_{i=1}^{n} or sum_{i,j}; for a sum over some entries use a mask: M∘X",
        )
    top = lx.sizes(high, start, after)[0] if high.strip() else None
    lx.indices.update(x for x, _ in found)
    lx.emit("ISUM", [(x, lx.sizes(b, start, after)[0], top) for x, b in found], start, after)


def is_part(lx: Lexer, start: int) -> bool:
    """Whether the bracket at a place holds one or two index items and so is a part."""
    stop = lx.text.find("]", start, lx.end)
    if stop < 0:
        return False
    items = lx.text[start + 1: stop].split(",")
    if lx.out[-1].end == start and len(items) <= 2:
        for item in items:
            _refuse_range(lx, item.strip(), start, stop + 1)
        if any(":" in item for item in items) and all(_is_index_item(lx, item, loose=True) for item in items):
            return True
    loose = [x for x in map(str.strip, items) if x in ("i", "j", "k", "l") and x not in lx.scope.names
             and x not in lx.indices and x not in lx.scope.dims]
    if loose and len(items) <= 2 and lx.out[-1].end == start and all(
            x.strip() in (":", *loose) or _is_index_item(lx, x) for x in items):
        raise lx.error(f"the index {loose[0]} is not bound by a sum", start, stop + 1,
                       f"sum_{{{loose[0]}}} …, or declare {loose[0]} ∈ N")
    return len(items) <= 2 and all(_is_index_item(lx, item) for item in items)


def _refuse_range(lx: Lexer, item: str, start: int, end: int) -> None:
    """Ranges of other languages: open ends, steps, counting from the end."""
    if item in ("", ":") or any(w in lx.scope.names for w in LETTERS.findall(item)):
        return
    if re.fullmatch(r"end(?:\s*-\s*\d+)?|-\d+", item):
        raise lx.error("an index is not counted from the end", start, end, "x[n] where x ∈ R^n is declared")
    bounds = item.split(":")
    if len(bounds) == 3 and all(_SIMPLE_BOUND.fullmatch(b) for b in bounds):
        raise lx.error("a range has no step", start, end, "x[1:n] takes every entry; a product S x can select others")
    if len(bounds) == 2 and all(_SIMPLE_BOUND.fullmatch(b) for b in bounds):
        if not bounds[0].strip() or not bounds[1].strip() or "end" in bounds[1] or bounds[1].strip()[0] == "-":
            raise lx.error("a range says both of its ends", start, end, "x[2:n] and x[1:k]; both ends are included")


def _is_index_item(lx: Lexer, item: str, loose: bool = False) -> bool:
    """Whether it is a bound index, a number, a dimension or a range; `loose`: of any small letters."""
    if item.strip() == ":":
        return True
    bounds = item.split(":")
    if len(bounds) > 2 or not all(b.strip() and _SIMPLE_BOUND.fullmatch(b) for b in bounds):
        return False
    words = LETTERS.findall(item)
    known = lx.indices | lx.scope.dims | lx.scope.sized
    if loose:
        return all(len(w) == 1 and w not in lx.scope.names for w in words if w not in known)
    return all(w in known or all(c in known for c in w) for w in words)
