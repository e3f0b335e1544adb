"""Exponents and subscripts: what follows `^`, `**`, `.^` and `_`, and runs of raised characters."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from matcalc.errors import UnsupportedError
from matcalc.notation.characters import ACCENTS, FONTS, SUPERSCRIPTS
from matcalc.notation.names import group_end, plain
from matcalc.notation.syntax.surface import Node

if TYPE_CHECKING:
    from matcalc.notation.tokens.lexer import Lexer, Token

COMMAND = re.compile(r"\\([A-Za-z]+)\*?\s*")
_EXPONENT = re.compile(r"([+-]?)(\d{1,6}(?:\.\d{1,6})?|\.\d{1,6})(?:/(\d{1,6}))?")
_FRACTION = re.compile(r"\\[tdc]?frac\s*(?:\{\s*(\d+)\s*\}\s*\{\s*(\d+)\s*\}|(\d)\s*(\d))")
_NUMERAL = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_SCRIPT_PIECE = re.compile(r"[-+]?\d+(?:[./]\d+)?|-?[Tt]|[+]|H|[a-z]+")


def script(lx: Lexer, position: int) -> tuple[int, int, int]:
    """The argument of `_` or `^` at a place: where it begins, where it ends, the place after it."""
    text, end = lx.text, lx.end
    start = lx.skip_space(position)
    if start >= end:
        raise lx.error("something must follow here", position - 1)
    if text[start] == "{":
        stop = group_end(text, start)
        if stop > end or text[stop - 1] != "}":
            raise lx.error("`{` is opened here and never closed", start)
        return start + 1, stop - 1, stop
    if text[start] == "+" and not _NUMERAL.match(text, start + 1, end):
        return start, start + 1, start + 1  # X^+b is X⁺b
    sign = start + 1 if text[start] in "-+∘" else start
    rest = lx.skip_space(sign)
    if m := _NUMERAL.match(text, rest, end):
        return start, m.end(), m.end()
    if m := COMMAND.match(text, rest, end):
        stop = m.end()
        for _ in range({"frac": 2, "tfrac": 2, "dfrac": 2}.get(m[1], m[1] in FONTS or m[1] in ACCENTS)):
            stop = group_end(text, stop) if text[stop: stop + 1] == "{" else stop + 1
        stop = stop if stop > m.end() else len(text[:stop].rstrip())
        return start, min(stop, end), min(stop, end)
    if sign > start and (rest >= end or not (text[rest].isalpha() or text[rest] in "⊤(")):
        return start, sign, sign
    return start, min(rest + 1, end), min(rest + 1, end)


def _nothing_before(lx: Lexer, start: int, end: int | None = None) -> Exception:
    """Nothing stands before an exponent; behind a bar that was to close, what kept it from closing is said."""
    kinds = [opened.kind for opened in lx.stack]
    bar = lx.stack[-1].start if lx.stack else start
    if kinds and kinds[-1] in kinds[:-1] and not lx.text[bar:start].strip("‖|\\ "):
        if kinds[-2] == kinds[-1]:
            return lx.error("something is missing before this bar", bar)
        inner = lx.stack[-2].start
        return lx.error(f"`{lx.text[inner]}` is opened here and not closed before the bar", inner)
    return lx.error("an exponent needs something before it", start, end)


# ── what follows ^ ────────────────────────────────────────────────────────────────────────────────────────
def exponent(lx: Lexer, start: int, position: int, elementwise: bool = False) -> None:
    """What follows `^`, `**` or `.^`."""
    if not lx.operand:
        raise _nothing_before(lx, start, position)
    inner, stop, after = script(lx, position)
    at = lx.skip_space(position)
    signed = at + (lx.text[at] == "-")
    if lx.text[signed: signed + 1] == "(":
        stop = after = _bracket_end(lx, signed)
        inside = lx.text[inner:stop].replace("(", "").replace(")", "")
    else:
        inside = lx.text[inner:stop]
    kind = _classify(inside)
    denominator = lx.denominator
    if kind is None:
        lx.out.append(lx.token("POW", "hpow" if elementwise else "pow", start, inner))
        lx.out += lx.inside(inner, stop)
        lx.emit("RPAR", None, stop, after)
    elif kind == ("H",):
        raise UnsupportedError(f"`^{inside}` is not supported", lx.source.place(start, after),
                               hint="everything is real here: the transpose is ^T, the pseudo-inverse ^+")
    elif elementwise and kind[0] != "pow":
        raise lx.error("an entrywise power takes a number", start, after)
    else:
        lx.emit("POST", ("hpow", kind[1]) if elementwise else kind, start, after)
    lx.denominator = denominator


def exponent_end(lx: Lexer, position: int) -> int:
    """The place after an exponent, which may be a bracket."""
    bracket = lx.text.startswith("(", position) and position < lx.end
    return _bracket_end(lx, position) if bracket else script(lx, position)[2]


def _bracket_end(lx: Lexer, start: int) -> int:
    depth = 0
    for i in range(start, lx.end):
        depth += (lx.text[i] == "(") - (lx.text[i] == ")")
        if not depth:
            return i + 1
    raise lx.error("`(` is opened here and never closed", start)


def _classify(raw: str) -> tuple[object, ...] | None:
    """An exponent that is a sign (T, −1, +, ∘2) or a number; None for a formula."""
    text = plain(_FRACTION.sub(lambda m: f"{m[1] or m[3]}/{m[2] or m[4]}", raw))
    if text in ("T", "⊤", "'"):
        return ("T",)
    if text in ("-T", "-⊤", "-'", "-1T", "-1⊤", "-1'"):
        return ("inv", "T")
    if text in ("+T", "+⊤", "†T", "†⊤"):
        return ("pinv", "T")
    if text in ("+", "†"):
        return ("pinv",)
    if text in ("*", "H", "·"):
        return ("H",)
    entrywise = text[:1] == "∘"
    m = _EXPONENT.fullmatch(text[1:] if entrywise else text)
    if m is None or m[3] is not None and not int(m[3]):
        return None
    value = Fraction(m[2]) / int(m[3] or 1) * (-1 if m[1] == "-" else 1)
    return ("hpow" if entrywise else "pow", value)


def superscript(lx: Lexer) -> None:
    """A run of raised characters: ᵀ, ², ⁻¹, ⁻ᵀ, ⁺."""
    start, stop = lx.position, lx.position
    if not lx.operand:
        raise _nothing_before(lx, start)
    while stop < lx.end and lx.text[stop] > "\x7f" and ord(lx.text[stop]) in SUPERSCRIPTS:
        stop += 1
    raw = lx.text[start:stop].translate(SUPERSCRIPTS).replace("(", "").replace(")", "")
    denominator, position = lx.denominator, 0
    while position < len(raw):
        m = _SCRIPT_PIECE.match(raw, position)
        if m is None:
            raise lx.error("this is no exponent", start, stop)
        kind = _classify(m[0].replace("t", "T"))
        if kind == ("H",):
            raise UnsupportedError("ᴴ is not supported", lx.source.place(start, stop),
                                   hint="everything is real here: the transpose is ᵀ")
        if kind is None:
            lx.out.append(lx.token("POW", "pow", start, start))
            lx.out += _script_tokens(lx, m[0], start, stop)
            lx.emit("RPAR", None, stop, stop)
        else:
            lx.emit("POST", kind, start, stop)
        position = m.end()
    lx.position, lx.denominator = stop, denominator


def _script_tokens(lx: Lexer, raw: str, start: int, stop: int) -> list[Token]:
    """The tokens of raised text: a sign, a number or letters."""
    out = []
    for m in re.finditer(r"-|\+|\d+|[a-zA-Z]|.", raw):
        if m[0] in "+-":
            out.append(lx.token("MINUS" if m[0] == "-" else "PLUS", None, start, stop))
        elif m[0].isdigit():
            out.append(lx.token("ATOM", Node("num", value=int(m[0][:9]), start=start, end=stop), start, stop))
        elif m[0].isalpha():
            out.append(lx.token("ATOM", Node("name", value=m[0], start=start, end=stop), start, stop))
        else:
            raise lx.error("this is no exponent", start, stop)
    return out


def exponential(lx: Lexer, start: int, end: int) -> bool:
    """e^{…} is exp of its exponent; eᵀ, e^{∘2} and e⁺ are of a vector e."""
    at = lx.skip_space(end)
    if lx.text[at: at + 1] != "^" or at >= lx.end:
        c = lx.text[end: end + 1]
        if not c or end >= lx.end or ord(c) not in SUPERSCRIPTS or c < "\x7f" or c in "ᵀᵗ":
            return False
        lx.out.append(lx.token("FUNC", "e^", start, end))
        lx.out.append(lx.token("LPAR", None, end, end))
        stop = end
        while stop < lx.end and lx.text[stop] > "\x7f" and ord(lx.text[stop]) in SUPERSCRIPTS:
            stop += 1
        lx.out += _script_tokens(lx, lx.text[end:stop].translate(SUPERSCRIPTS), end, stop)
        lx.emit("RPAR", None, stop, stop)
        return True
    inner, stop, after = script(lx, at + 1)
    kind = _classify(lx.text[inner:stop])
    if kind is not None and kind[0] != "pow":
        return False
    if lx.text[inner] == "(" and lx.text[at + 1] == "(":
        stop = after = _bracket_end(lx, inner)
    lx.out.append(lx.token("FUNC", "e^", start, end))
    lx.out.append(lx.token("LPAR", None, inner, inner))
    lx.out += lx.inside(inner, stop)
    lx.emit("RPAR", None, stop, after)
    return True
