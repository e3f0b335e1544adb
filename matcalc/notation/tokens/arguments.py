"""Where the argument of a function without a bracket ends: behind bars, or behind a call that is itself a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcalc import operators
from matcalc.core.tree import OPS

if TYPE_CHECKING:
    from matcalc.notation.tokens.lexer import Token

assert operators  # imported so that the table of operators is full
_OPENS = frozenset({"LPAR", "NOPEN", "BOPEN", "AOPEN", "LBLOCK", "PART", "POW"})
_CLOSES = frozenset({"RPAR", "NCLOSE", "BCLOSE", "ACLOSE", "RBLOCK"})
_FACTORS = frozenset({"ATOM", "POST", "FUNC", "BARE", "FRAC"})
_ENTRYWISE = frozenset({"ln", *(op.name for op in OPS.values() if op.kind == "elementwise")})
_NUMBERS = frozenset({"det", "logdet", "tr", "sum", "eigmax", "eigmin", "norm_spectral", "logsumexp", "norm", "norm1",
                      "norm2", "norm_F", "norm_1", "norm_2", "norm_inf", "norm_nuc", "inner", "max", "min"})


def ended(tokens: list[Token], text: str) -> list[Token]:
    """`log|A|/2`, `ln det(A) b`, `√n x` with a bracket around the argument: log(|A|)/2, ln(det(A)) b, √(n) x.

    >>> from matcalc.notation.read import read
    >>> read("log|x'y|/2").objective is read("log(|x'y|)/2").objective
    True
    """
    for i in range(len(tokens) - 2, -1, -1):
        if tokens[i].terminal == "BARE" and tokens[i].value in _ENTRYWISE and _bracketed(tokens[i + 1]):
            stop = _end(tokens, i + 1)
        elif tokens[i].terminal == "BARE" and text[tokens[i].start] == "√":
            stop = _factors(tokens, i + 1)
        else:
            continue
        if stop < len(tokens):
            start, end = tokens[i + 1].start, tokens[stop - 1].end
            opened, closed = (tokens[i]._replace(terminal=t, value=None) for t in ("LPAR", "RPAR"))
            tokens[i:stop] = [tokens[i]._replace(terminal="FUNC"), opened._replace(start=start, end=start),
                              *tokens[i + 1: stop], closed._replace(start=end, end=end)]
    return tokens


def _bracketed(token: Token) -> bool:
    """Whether bars open here, or a function with its bracket whose value is a number or stands entry by entry."""
    call = token.terminal == "FUNC" and token.value in _ENTRYWISE | _NUMBERS
    return call or token.terminal in ("BOPEN", "NOPEN")


def _end(tokens: list[Token], i: int) -> int:
    """The place after the bracket that opens at or right after token i, and after its postfixes."""
    i = _behind(tokens, i + (tokens[i].terminal == "FUNC"))
    while i < len(tokens) and tokens[i].terminal in ("POST", "POW", "PART"):
        i = i + 1 if tokens[i].terminal == "POST" else _behind(tokens, i)
    return i


def _factors(tokens: list[Token], i: int) -> int:
    """Where a radical that opens before token i ends: √n x is √n·x, √2π‖x‖ is √(2π)·‖x‖, √x'x is √(x'x)."""
    first = i
    while i < len(tokens) and tokens[i].terminal == "ATOM" and (i == first or tokens[i - 1].end == tokens[i].start):
        i += 1
    if i > first and (i == len(tokens) or tokens[i].terminal not in ("POST", "POW", "PART")):
        return i
    depth = 0
    while i < len(tokens) and (depth or tokens[i].terminal in _FACTORS or tokens[i].terminal in _OPENS):
        depth += (tokens[i].terminal in _OPENS) - (tokens[i].terminal in _CLOSES)
        i += 1
    return i


def _behind(tokens: list[Token], i: int) -> int:
    """The place after the bracket that token i opens."""
    depth = 0
    while True:
        depth += (tokens[i].terminal in _OPENS) - (tokens[i].terminal in _CLOSES)
        i += 1
        if not depth:
            return i
