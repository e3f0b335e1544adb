"""LaTeX in a formula: words, symbols, sized brackets, environments; and the end of a norm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from matcalc.errors import UnsupportedError
from matcalc.notation.characters import COMMANDS, INVISIBLE
from matcalc.notation.hints import COMMANDS_ELSEWHERE
from matcalc.notation.tokens import words
from matcalc.notation.tokens.brackets import bar, closing, opening, push

if TYPE_CHECKING:
    from matcalc.notation.tokens.lexer import Lexer

SOLVED = "A⁻¹b is written A^{-1}b or inv(A)b"
_WORD = re.compile(r"\\[A-Za-z|{}(]")
_ENVIRONMENT = re.compile(r"\s*\{(p|b|B|small|)?(matrix|array|smallmatrix)\*?\}\s*(?:\{[lcr|\s]*\})?")


def command(lx: Lexer, c: str) -> None:
    """A backslash and what follows: a word, a symbol, a size, an environment."""
    start = lx.position
    m = re.compile(r"\\([A-Za-z]+\*?|.)", re.S).match(lx.text, start, lx.end)
    if m is None:
        raise lx.error("a backslash at the end", start)
    name, end = m[1].rstrip("*") or m[1], m.end()
    if name in (
        "left",
        "right",
        "bigl",
        "bigr",
        "Bigl",
        "Bigr",
        "biggl",
        "biggr",
        "Biggl",
        "Biggr",
        "mleft",
        "mright",
    ):
        sized(lx, name, start, end)
    elif name == " " and lx.operand and _WORD.search(lx.text) is None:
        raise lx.error("`\\` is no operator of the language", start, start + 1, hint=SOLVED)
    elif name in INVISIBLE:
        lx.position = end
    elif name in ("begin", "end"):
        environment(lx, name, start, end)
    elif name in ("pmatrix", "bmatrix", "matrix") and lx.rest_is_bracket(end):
        brace = lx.text.index("{", end)
        push(lx, "environment", brace)
        lx.emit("LBLOCK", None, start, brace + 1)
    elif name in ("frac", "tfrac", "dfrac", "cfrac", "nicefrac", "sfrac"):
        lx.emit("FRAC", None, start, end)
        lx.pending = 2
    elif name == "norm" and lx.text[lx.skip_space(end): lx.skip_space(end) + 1] == "{" and name in lx.scope.functions:
        brace = lx.skip_space(end)
        push(lx, "norm{", brace)
        lx.emit("NOPEN", None, start, brace + 1)
    elif name == "sqrt":
        root(lx, start, end)
    elif words.command(lx, name, start, end):
        pass
    elif name in COMMANDS:
        symbol(lx, COMMANDS[name], start, end)
    else:
        hint = COMMANDS_ELSEWHERE.get(name) or (
            SOLVED if lx.operand and len(name) <= 2 else
            "macros are understood where the text defines them with \\def or \\newcommand")
        raise lx.error(f"`\\{name}` is not known", start, end, hint)


def symbol(lx: Lexer, sign: str, start: int, end: int) -> None:
    """A command that stands for a sign acts as the sign."""
    before = lx.position
    if sign[0] in "‖|" and len(sign) > 1:
        bar(lx, "norm" if sign[0] == "‖" else "bars", start, end, "open" if sign[1] == "(" else "close")
    elif sign == "‖":
        bar(lx, "norm", start, end)
    elif sign == "|" and lx.text.startswith((r"\vert", r"\mid"), end) and not lx.operand:
        bar(lx, "norm", start, end + 5)
    elif sign == "|" and lx.text.startswith(r"\vert", end) and lx.stack and lx.stack[-1].kind == "norm":
        bar(lx, "norm", start, end + 5)
    elif sign in ("(", "[", ")", "]"):
        (opening if sign in "([" else closing)(lx, sign, end - start)
    elif (handler := lx.handler(sign)) is not None:
        count = len(lx.out)
        handler(lx, sign)
        if len(lx.out) > count:
            lx.out[-1] = lx.out[-1]._replace(end=end)
        lx.position = max(end, lx.position) if lx.position != before + 1 else end
    else:
        raise lx.error(f"`{lx.text[start:end]}` cannot stand here", start, end)


def sized(lx: Lexer, name: str, start: int, end: int) -> None:
    """\\left and \\right say of a bar which side it is."""
    at = lx.skip_space(end)
    m = re.compile(r"\\\||\\[lr]?[vV]ert(?![A-Za-z])|\|\||[‖|.]").match(lx.text, at, lx.end)
    lx.position = at
    if m is not None and m[0] == ".":
        lx.position = m.end()
    elif m is not None:
        kind = "bars" if m[0] in ("|", r"\vert", r"\lvert", r"\rvert") else "norm"
        bar(lx, kind, at, m.end(), "open" if name.endswith(("left", "l")) else "close")


def environment(lx: Lexer, name: str, start: int, end: int) -> None:
    """The beginning or the end of a matrix environment."""
    m = _ENVIRONMENT.match(lx.text, end, lx.end)
    if m is None:
        raise lx.error("this LaTeX environment is not known", start, end,
                         "matrices are pmatrix, bmatrix, matrix or array")
    if name == "begin":
        push(lx, "environment", start)
        lx.emit("LBLOCK", None, start, m.end())
        return
    if not lx.stack or lx.stack[-1].kind != "environment":
        raise lx.error("`\\end` closes nothing", start, m.end())
    lx.stack.pop()
    while lx.out[-1].terminal == "SEMI":
        lx.out.pop()
    lx.emit("RBLOCK", None, start, m.end())


def root(lx: Lexer, start: int, end: int) -> None:
    """The square root, with a brace or a single character."""
    at = lx.skip_space(end)
    if lx.text[at: at + 1] == "[":
        raise UnsupportedError("roots with an index are not supported", lx.source.place(start, at + 1),
                               hint="write a power: x^{1/3}")
    lx.emit("FUNC", "sqrt", start, end)
    if lx.text[at: at + 1] == "(":
        lx.call = True
    else:
        lx.pending = 1
        lx.call = lx.text[at: at + 1] == "{"
