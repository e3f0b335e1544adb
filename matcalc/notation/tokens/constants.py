"""Constants: I, J, e_k, π, K_{m,n}, D_n and L_n where they are not names; ones and zeros of a size."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from matcalc.notation.characters import SUBSCRIPTS
from matcalc.notation.names import SUBSCRIPT_RUN
from matcalc.notation.syntax.surface import Node
from matcalc.notation.tokens.exponents import exponential, script
from matcalc.notation.tokens.subscripts import is_declared, is_dimension

if TYPE_CHECKING:
    from matcalc.notation.tokens.lexer import Lexer


def plain_name(lx: Lexer, base: str, start: int, end: int) -> Node:
    """What a name without its subscript stands for: a name, or the constant I or J."""
    kind = (
        "J"
        if base == "J" and base not in lx.scope.names
        else "eye"
        if base == "I" and base not in lx.scope.names
        else "name"
    )
    return Node(kind, value=base if kind == "name" else None, start=start, end=end)


def constant(lx: Lexer, base: str, sub: str, start: int, end: int) -> bool:
    """I, J, e_k, e^…, π, K_{m,n}, D_n and L_n where they are not names."""
    node: Node | None = None
    if base == "I" and (not sub or is_dimension(lx, sub, "NMKDP")):
        node = Node("eye", value=lx.sizes(sub, start, end)[0] if sub else None, start=start, end=end)
    elif base in ("J", "π") and not sub:
        node = Node("J" if base == "J" else "const", value=base, start=start, end=end)
    elif base == "e" and not sub:
        return exponential(lx, start, end)
    elif base == "e" and (sub.isdigit() or sub in lx.indices or sub in lx.scope.dims):
        node = Node("unit", value=int(sub) if sub.isdigit() else sub, start=start, end=end)
    elif base == "e" and is_declared(lx, sub):
        node = Node("unit", value=lx.sizes(sub, start, end)[0], start=start, end=end)
    elif base == "K" and "," in sub and is_dimension(lx, sub.replace(",", "")):
        node = Node("commutation", value=lx.sizes(sub, start, end), start=start, end=end)
    elif base == "K" and len(sub) == 2 and sub.isalpha() and _before_vec(lx, end) and is_dimension(lx, sub):
        node = Node("commutation", value=(sub[0], sub[1]), start=start, end=end)  # K_{mn}
    elif (
        base in ("D", "L")
        and sub
        and (
            is_declared(lx, sub)
            or _before_vec(lx, end) and is_dimension(lx, sub)
            or sub in lx.scope.numbers and "vec" in lx.text  # L_4 beside vech(X), X ∈ Sym(4)
        )
    ):
        kind = "duplication" if base == "D" else "elimination"
        node = Node(kind, value=lx.sizes(sub, start, end), start=start, end=end)
    if node is not None:
        lx.atom(node)
    return node is not None


def _before_vec(lx: Lexer, end: int) -> bool:
    return (
        re.compile(r"[\s\\*·]*(?:operatorname\{|mathrm\{|\{\\rm )?vech?\b").match(lx.text, end, lx.end)
        is not None
    )


def sized_constant(lx: Lexer, start: int, end: int, digit: str) -> bool:
    """1_n, 1_{m×n}, 0_n, 0_{m×n}: whether one stands here."""
    text = lx.text
    if m := SUBSCRIPT_RUN.match(text, end, lx.end):
        raw, after = m[0].translate(SUBSCRIPTS), m.end()
    elif text.startswith("_", end) and end < lx.end:
        first, stop, after = script(lx, end + 1)
        known = [d for d in lx.scope.dims if text.startswith(d, first)] if text[end + 1] != "{" else []
        if known and len(longest := max(known, key=len)) > 1:
            stop = after = first + len(longest)
        raw = text[first:stop].replace(r"\times", "×").replace(r"\,", "").replace("{", "").replace("}", "")
    else:
        return False
    sizes = lx.sizes(raw, start, after)
    if len(sizes) > 2:
        raise lx.error("a shape has one or two dimensions", start, after)
    lx.atom(Node("ones" if digit == "1" else "zeros", value=(*sizes, 1)[:2], start=start, end=after))
    return True
