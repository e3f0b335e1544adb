"""Subscripts: part of a name, the entry of an array inside a sum, or a dimension."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from matcalc.notation.characters import SUBSCRIPTS
from matcalc.notation.names import LETTERS, SUBSCRIPT_RUN, plain
from matcalc.notation.tokens.exponents import script

if TYPE_CHECKING:
    from matcalc.notation.tokens.lexer import Lexer

_DIM_TEXT = re.compile(r"[A-Za-z0-9+\-*^()·]+")


_LETTERS = re.compile(r"[A-Za-z]+")
_MOVED = re.compile(r"[^\W\d_][+-]\d{1,4}")


def subscript(lx: Lexer, base: str, position: int) -> tuple[str, int]:
    """The subscript at a place and the place after it."""
    text = lx.text
    c = text[position: position + 1] if position < lx.end else ""
    if c.isdigit() and c.isascii():
        m = re.compile(r"\d{1,9}").match(text, position, lx.end)
        on_paper = lx.scope.entrywise and base in lx.scope.names  # X1 is X·1 where X is known and X_1 is not
        return (m[0], m.end()) if m and not (on_paper and f"{base}_{m[0]}" not in lx.scope.names) else ("", position)
    if m := SUBSCRIPT_RUN.match(text, position, lx.end):
        return m[0].translate(SUBSCRIPTS), m.end()
    if c != "_":
        return "", position
    for known in lx.scope.bases.get(base, ()):
        if len(known) > 1 and text.startswith(known, position + 1) and position + 1 + len(known) <= lx.end:
            return known, position + 1 + len(known)
    inner, stop, after = script(lx, position + 1)
    if (m := _LETTERS.match(text, position + 1, lx.end)) and len(m[0]) > 1 and set(m[0]) <= lx.indices:
        return m[0], m.end()  # X_ij where both are bound
    sub = plain(text[inner:stop])
    if any(x in lx.indices for x in sub) and index_items(sub, lx.indices):
        return sub, after
    sized = base in ("I", "K") and is_dimension(lx, sub.replace(",", ""), "NMKDP")  # I_{m+n}
    sized = sized or base == "e" and is_declared(lx, sub)  # e_{n-1}
    if not sub or not (sized or re.fullmatch(r"[\w,.:]+", sub)):
        raise lx.error(
            "this is no subscript", position, after, "a subscript is a letter, digits or a word in braces"
        )
    return sub, after


def index_items(sub: str, indices: set[str]) -> tuple[str, ...] | None:
    """A subscript that consists of bound indices (i, i+1), dots, colons and digits as index items."""
    items = tuple(x for x in (sub.split(",") if "," in sub else [sub] if _MOVED.fullmatch(sub) else sub) if x)
    if not 0 < len(items) <= 2 or not any(x[0] in indices for x in items):
        return None
    if not all(x in indices or x in ".:*·" or x.isdigit() or _MOVED.fullmatch(x) and x[0] in indices for x in items):
        return None
    return tuple(":" if x in ".*·" else x for x in items)


def is_dimension(lx: Lexer, sub: str, capitals: str = "") -> bool:
    """Whether a subscript is a dimension: declared ones, and small letters that are no variables."""
    if not _DIM_TEXT.fullmatch(sub) or not (sub[0].isalnum() or sub[0] == "("):
        return False
    for run in LETTERS.findall(sub):
        for x in [run] if run in lx.scope.dims else run:
            if x not in lx.scope.dims and (x in lx.scope.names or not (x.islower() or x in capitals)):
                return False
    return True


def is_declared(lx: Lexer, sub: str) -> bool:
    """Whether a subscript is a sum or product of declared dimensions: n-1, 2k+1."""
    return any(c.isalpha() for c in sub) and is_dimension(lx, sub) and all(
        x in lx.scope.dims for run in LETTERS.findall(sub) for x in ([run] if run in lx.scope.dims else run)
    )
