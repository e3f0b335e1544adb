"""Brackets and bars: which bracket opens what, which bar closes, and the subscript of a norm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from matcalc.errors import UnsupportedError
from matcalc.notation.characters import SUBSCRIPTS, SUPERSCRIPTS
from matcalc.notation.names import group_end, plain
from matcalc.notation.tokens import sums, words
from matcalc.notation.tokens.exponents import exponent_end, script

if TYPE_CHECKING:
    from matcalc.notation.tokens.lexer import Lexer

MAX_NESTING = 100
_CLOSERS = {")": ("(", "call"), "]": ("[", "part", "call"), "}": ("{", "call", "environment", "norm{")}
_BLOCKS = ("[", "environment")
_ENTRY = r"\s*-?(?:[^\W\d_]|\d+)(?:_?\w)?'*"
_NO_COMMAS = re.compile(rf"\[{_ENTRY}(?:\s{_ENTRY})+\s*(?:;{_ENTRY}(?:\s{_ENTRY})+\s*)+\]")
_DIFFERENTIAL = re.compile(r"\bd[^\W\d_]")  # [H dx; A dx] has one column
_NORM_WORD = re.compile(r"(?:infty|inf|oo|fro|Fro|nuc|max|op)(?![A-Za-z])")
_NORMS = {
    "": "",
    "F": "F",
    "Fro": "F",
    "fro": "F",
    "1": "1",
    "2": "2",
    "∞": "inf",
    "inf": "inf",
    "infty": "inf",
    "oo": "inf",
    "max": "inf",
    "nuc": "nuclear",
    "op": "2",
    "*": "nuclear",
    "·": "nuclear",
}


class Opened(NamedTuple):
    """A bracket or bar that is open: its kind, its place, and the state of the denominator around it."""

    kind: str
    start: int
    denominator: int
    pending: int = 0


def push(lx: Lexer, kind: str, start: int) -> None:
    """Open a bracket or bar."""
    if len(lx.stack) >= MAX_NESTING:
        raise lx.error(f"more than {MAX_NESTING} brackets inside one another", start)
    lx.stack.append(Opened(kind, start, lx.denominator, max(0, lx.pending - 1)))
    lx.pending = 0


def in_block(lx: Lexer) -> bool:
    """Whether a block is what is open here."""
    return bool(lx.stack) and lx.stack[-1].kind in _BLOCKS


def opening(lx: Lexer, c: str, length: int = 1) -> None:
    """( [ or {: of a function, a part, a block, or a group."""
    start = lx.position
    if c == "{" and (m := words.FONT_SWITCH.match(lx.text, start, lx.end)):
        end = group_end(lx.text, start)
        return words.font(lx, m[1], start, end, lx.text[m.end() : end - 1])
    kind, terminal = c, "LPAR"
    if lx.call:
        kind, lx.call = "call", False
    elif c == "[":
        part = lx.operand and sums.is_part(lx, start)
        kind, terminal = ("part", "PART") if part else ("[", "LBLOCK")
        m = None if part else _NO_COMMAS.match(lx.text, start, lx.end)
        if m and not (lx.scope.differentials and _DIFFERENTIAL.search(m[0])):
            raise lx.error("the columns of a block are separated by commas", start, m.end(),
                           "[A, B; C, D]; a product inside a block is written with a sign: [A*x; B*y]")
    push(lx, kind, start)
    lx.emit(terminal, None, start, start + length)


def closing(lx: Lexer, c: str, length: int = 1) -> None:
    """) ] or }: it closes what is open, or is refused."""
    start = lx.position
    if not lx.stack:
        raise lx.error(f"`{c}` closes nothing", start)
    top = lx.stack.pop()
    if top.kind not in _CLOSERS[c]:
        name = {"norm": "‖", "bars": "|", "<": "⟨"}.get(top.kind, lx.text[top.start])
        column = lx.source.place(top.start, top.start).column
        raise lx.error(f"`{c}` cannot close the `{name}` opened at column {column}", start)
    if top.kind in _BLOCKS and lx.out[-1].terminal == "SEMI":
        lx.out.pop()
    if top.kind == "norm{":
        return norm_end(lx, start, start + length)
    lx.emit("RBLOCK" if top.kind in (*_BLOCKS, "part") else "RPAR", None, start, start + length)
    lx.pending = top.pending


# ── bars ──────────────────────────────────────────────────────────────────────────────────────────────────
def single_bar(lx: Lexer, c: str) -> None:
    """| or ||."""
    start, top = lx.position, lx.stack[-1].kind if lx.stack else ""
    if lx.text.startswith("||", start) and not (lx.operand and top == "bars"):
        bar(lx, "norm", start, start + 2)
    else:
        bar(lx, "bars", start, start + 1)


def double_bar(lx: Lexer, c: str) -> None:
    """‖."""
    bar(lx, "norm", lx.position, lx.position + 1)


def bar(lx: Lexer, kind: str, start: int, end: int, side: str = "") -> None:
    """A norm or absolute-value bar: it closes after an operand while one is open at this level."""
    closes = side == "close" or (not side and lx.operand and lx.stack and lx.stack[-1].kind == kind)
    if not closes:
        push(lx, kind, start)
        lx.emit("NOPEN" if kind == "norm" else "BOPEN", None, start, end)
        return
    if not lx.stack or lx.stack[-1].kind != kind:
        raise lx.error("this bar closes nothing", start, end)
    if not lx.operand:
        raise lx.error("nothing stands between the bars", lx.stack[-1].start, end)
    lx.stack.pop()
    if kind == "bars":
        lx.emit("BCLOSE", None, start, end)
    else:
        norm_end(lx, start, end)


def angle(lx: Lexer, c: str) -> None:
    """⟨A,B⟩ and <A,B>."""
    start = lx.position
    if c in "⟨<":
        push(lx, "<", start)
        lx.emit("AOPEN", None, start, start + 1)
    elif lx.stack and lx.stack[-1].kind == "<":
        lx.stack.pop()
        lx.emit("ACLOSE", None, start, start + 1)
    else:
        raise lx.error(f"`{c}` closes nothing", start, hint="x > 0 is a declaration and stands alone")


def norm_end(lx: Lexer, start: int, end: int) -> None:
    """The subscript of a norm may stand before or after its exponent."""
    text, sub, raised, position = lx.text, (0, 0), (0, 0), end
    while position < lx.end:
        at = lx.skip_space(position)
        c = text[at: at + 1] if at < lx.end else ""
        if c == "_" and sub == (0, 0):
            word = _NORM_WORD.match(text, at + 1, lx.end)
            inner = (*word.span(), word.end()) if word else script(lx, at + 1)
            sub, position = inner[:2], inner[2]
        elif c and ord(c) in SUBSCRIPTS and c > "\x7f" and sub == (0, 0):
            sub, position = (at, at + 1), at + 1
        elif c == "^" and raised == (0, 0):
            position = exponent_end(lx, at + 1)
            raised = (at, position)
        elif c and ord(c) in SUPERSCRIPTS and c > "\x7f" and raised == (0, 0):
            position = at + 1
            while position < lx.end and ord(text[position]) in SUPERSCRIPTS:
                position += 1
            raised = (at, position)
        else:
            break
    name = plain(text[sub[0]: sub[1]])
    if name in _NORMS:
        lx.emit("NCLOSE", _NORMS[name], start, end)
    elif re.search(r"[A-ZΓΔΘΛΞΠΣΦΨΩ]", name) and not re.search(r"[,p]", name):
        lx.out.append(lx.token("NWEIGHT", None, start, end))
        lx.out += lx.inside(*sub)
        lx.emit("RPAR", None, sub[1], sub[1])
    else:
        raise UnsupportedError(f"the norm ‖·‖_{name} is not supported", lx.source.place(start, sub[1]),
                               hint="supported: ‖X‖ (or _F), _1, _2, _∞, _* and ‖x‖_A = √(xᵀAx)")
    if raised != (0, 0):
        lx.out += lx.inside(*raised, operand=True)
        lx.operand = True
    lx.position = position
