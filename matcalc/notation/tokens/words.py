"""Words of a formula: names with their subscripts, functions, constants, indexed sums, exponents.

Each function reads one thing at the lexer's place, adds its tokens and moves the lexer on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from matcalc.errors import UnsupportedError
from matcalc.notation.characters import ACCENTS, COMBINING, COMMANDS, FONTS, GREEK, SUPERSCRIPTS
from matcalc.notation.hints import ELSEWHERE
from matcalc.notation.names import LETTERS, canonical, group_end, join, plain, split
from matcalc.notation.syntax.surface import Node
from matcalc.notation.tokens.constants import constant, plain_name, sized_constant
from matcalc.notation.tokens.exponents import exponent_end, script
from matcalc.notation.tokens.subscripts import index_items, subscript
from matcalc.notation.tokens.sums import binds, indexed_sum

if TYPE_CHECKING:
    from matcalc.notation.tokens.lexer import Lexer

FONT_SWITCH = re.compile(r"\{\s*\\(" + "|".join(FONTS) + r")(?![A-Za-z])\s*(?=[^{}]*\})")
LONGEST_GREEK = max(map(len, GREEK))
_RUN = re.compile(LETTERS.pattern.replace("+", "{1,64}"))
_TAIL = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,60}")
_EXTREME = {"λ": {"max": "eigmax", "min": "eigmin"}, "σ": {"max": "norm_spectral"}}  # λ_max(A), σ_max(A)
_MAX_MIN = re.compile(
    r"_(?:\{\s*(?:\\(?:rm|text|mathrm|operatorname)\s*)?\{?\s*\\?(max|min)\s*\}{1,2}|\\?(max|min)(?![A-Za-z]))")
_NORM = re.compile(r"(?:\\left\s*|\\[bB]igg?l?\s*)?(?:\\\||\|\||\\l?Vert(?![A-Za-z])|‖)")
_TRANSPOSED = re.compile(r"\^\s*\{?\s*(?:T|⊤|'|\\(?:top|intercal|prime|mathsf|rm|mathrm)(?![a-z]))")
_LOG_DET = re.compile(r"\s*\\det(?![A-Za-z])")


# ── names ─────────────────────────────────────────────────────────────────────────────────────────────────
def word(lx: Lexer) -> None:
    """A run of letters: the longest declared name, function or Greek letter, else one letter."""
    text, start, scope = lx.text, lx.position, lx.scope
    found = _RUN.match(text, start, lx.end)
    if found is None:
        raise lx.error(f"`{text[start]}` is no letter of the language", start,
                       hint="names are Latin or Greek letters")
    run = found[0]
    whole = start == 0 or LETTERS.match(text[start - 1]) is None
    tail = _TAIL.match(text, start, lx.end)
    function_name = tail[0] if tail else ""
    if tail and (
        _unknown_function(lx, function_name, start, tail.end())
        or _function_call(lx, function_name, start, tail.end())
    ):
        return
    if whole and run == "sum" and text.startswith("_", found.end()):
        return indexed_sum(lx, start, found.end())
    if whole and function_name == "eye" and "eye" in scope.functions:
        return lx.atom(Node("eye", start=start, end=start + len(function_name)))
    if whole and function_name in scope.functions:
        return lx.function(scope.functions[function_name], start, start + len(function_name), False)
    for length in range(min(len(run), 40 if whole else max(scope.longest, LONGEST_GREEK)), 1, -1):
        piece = run[:length]
        if piece in scope.bases:
            return name(lx, piece, start, start + length)
        if whole and length == len(run) and piece in scope.functions:
            return lx.function(scope.functions[piece], start, start + length, False)
        if piece in GREEK and (length > 2 or whole and length == len(run)):
            return name(lx, GREEK[piece], start, start + length)
    if whole:
        _refuse_unknown(lx, run, start)
    if (
        run[0] == "d"
        and scope.differentials
        and "d" not in scope.names
        and _differential(lx, start, start + 1)
    ):
        return
    if run[0] == "Σ" and binds(lx, start + 1):
        return indexed_sum(lx, start, start + 1)
    name(lx, run[0], start, start + 1)


def _refuse_unknown(lx: Lexer, run: str, start: int) -> None:
    """A longer run of small letters before a bracket is meant as a function."""
    text, end = lx.text, start + len(run)
    if text.startswith(".", end) and run in (
        "np",
        "numpy",
        "torch",
        "jnp",
        "math",
        "tf",
        "scipy",
        "sp",
        "la",
    ):
        raise lx.error(f"`{run}.` is Python's", start, end + 1,
                       "formulas use mathematical names: tr(X), exp(x), ‖x‖², X'")
    if len(run) >= 3 and run.islower() and run.isascii() and text[end: end + 1] == "(":
        raise lx.error(
            f"`{run}` is no function of the language",
            start,
            end,
            ELSEWHERE.get(run) or f"declare it: `{run} elementwise`, or `{run} ∈ R` for a variable",
        )
    if (
        run in ("f", "g")
        and text[end : end + 1] == "("
        and run not in lx.scope.names
        and not lx.scope.differentials
    ):
        raise lx.error(f"`{run}` is not known as a function", start, end,
                       f"declare `{run} elementwise`; for a product write {run}*(…)")


def name(lx: Lexer, base: str, start: int, end: int, accent: str = "") -> None:
    """A name whose letters are read: its subscript, then what it stands for."""
    text, scope = lx.text, lx.scope
    if end < lx.end and text[end] in COMBINING:
        accent, end = COMBINING[text[end]], end + 1
    if not accent and base in _EXTREME and (m := _MAX_MIN.match(text, end, lx.end)):
        extreme = _EXTREME[base].get(m[1] or m[2], "")
        if join(base, m[1] or m[2]) not in scope.names and extreme and lx.rest_is_bracket(m.end()):
            return lx.function(extreme, start, m.end(), True)
    sub, end = subscript(lx, base, end)
    full = join(base, accent, sub)
    if full in scope.elementwise:
        _elementwise_call(lx, full, start, end)
        return
    items = index_items(sub, lx.indices) if sub and base != "e" else None
    member = _member(lx, join(base, accent, ""), "".join(i[0] for i in items if i != ":")) if items else ""
    if items and (full not in scope.names or member in scope.families):
        return _entry(lx, join(base, accent, ""), member, items, start, end)
    if full not in scope.names and not accent and constant(lx, base, sub, start, end):
        return
    lx.atom(Node("name", value=full, start=start, end=end))


def _member(lx: Lexer, base: str, letters: str) -> str:
    """x_j as a member of the family that is declared as x_i, where i is an index, too."""
    for declared in sorted(lx.scope.families):
        name, sub = split(declared)
        if name == base and len(sub) == len(letters) and set(sub) <= lx.indices | set("ijkl"):
            return declared
    return join(base, letters)


def _entry(lx: Lexer, base: str, member: str, items: tuple[str, ...], start: int, end: int) -> None:
    """x_i of a bound index: an entry of x, or, where x_i ∈ R^n is declared, row i of x as a column."""
    family = lx.scope.families.get(member, "")
    if family == "matrix":
        raise UnsupportedError(f"a matrix {member} for every index is not supported", lx.source.place(start, end),
                               hint="arrays have one or two dimensions; stack the matrices into one block matrix")
    if family:
        lx.scope.used.add(member)
    lx.atom(plain_name(lx, base, start, end))
    lx.emit("POST", ("part", (items[0], ":") if family == "column" else items), end, end)
    if family == "column":
        lx.emit("POST", ("T",), end, end)


# ── functions and fonts ───────────────────────────────────────────────────────────────────────────────────
def _function_call(lx: Lexer, spelled: str, start: int, end: int) -> bool:
    if spelled not in lx.scope.functions or not lx.rest_is_bracket(end):
        return False
    lx.function(lx.scope.functions[spelled], start, end, True)
    return True


def _unknown_function(lx: Lexer, spelled: str, start: int, end: int) -> bool:
    """A function declared `elementwise`, with primes for its derivatives."""
    if spelled not in lx.scope.elementwise:
        return False
    _elementwise_call(lx, spelled, start, end)
    return True


def _elementwise_call(lx: Lexer, spelled: str, start: int, end: int) -> None:
    order = 0
    while lx.text.startswith("'", end + order):
        order += 1
    if not lx.rest_is_bracket(end + order):
        raise lx.error(f"`{spelled}` is a function and needs an argument", start, end, f"{spelled}(x)")
    lx.function(("apply", spelled, order), start, end + order, True)


def command(lx: Lexer, spelled: str, start: int, end: int) -> bool:
    """A LaTeX command that is a word: a function, a letter, a font, an accent, a sum."""
    if spelled in ("sum", "Sum"):
        indexed_sum(lx, start, end)
    elif spelled == "log" and (m := _LOG_DET.match(lx.text, end, lx.end)) and "logdet" in lx.scope.functions:
        lx.function("logdet", start, m.end(), lx.rest_is_bracket(m.end()))
    elif (
        spelled in GREEK
        or COMMANDS.get(spelled, "").isalpha()
        and len(COMMANDS[spelled]) == 1
        and spelled != "in"
    ):
        name(lx, GREEK.get(spelled, COMMANDS[spelled].lstrip("\\")), start, end)
    elif spelled in lx.scope.functions and (
        spelled not in FONTS or lx.text[lx.skip_space(end) : end + 1] == "("
    ):
        lx.function(lx.scope.functions[spelled], start, end, lx.rest_is_bracket(end))
    elif spelled in FONTS or spelled in ACCENTS:
        at = lx.skip_space(end)
        brace = lx.text[at: at + 1] == "{"
        after = group_end(lx.text, at) if brace else script(lx, end)[2]
        inner = (at + 1, after - 1) if brace else (at, after)
        if after > lx.end:
            raise lx.error("`{` is opened here and never closed", at)
        if spelled in ACCENTS:
            _accented(lx, ACCENTS[spelled], start, inner, after)
        else:
            font(lx, spelled, start, after, lx.text[inner[0]: inner[1]])
    else:
        return False
    return True


def _accented(lx: Lexer, accent: str, start: int, inner: tuple[int, int], after: int) -> None:
    base = canonical(lx.text[inner[0]: inner[1]])
    if base is None:
        raise lx.error("an accent belongs to one letter", start, after)
    letters, sub = split(base)
    name(lx, letters, start, after, "_".join(x for x in (sub, accent) if x))


def font(lx: Lexer, spelled: str, start: int, end: int, inner: str) -> None:
    """What stands in a font: an upright word is one name, bold letters are the letters."""
    style = FONTS[spelled]
    content = re.sub(r"\\[,;:! ]|\s+|~", "", inner).replace(r"\_", "_")
    if content == "E" and spelled in ("mathbb", "mathds") and lx.rest_is_bracket(end):
        raise UnsupportedError("an expectation is not supported", lx.source.place(start, end),
                               hint="write the average over the data: 1/n sum_{i=1}^{n} …")
    if content in ("1", "0"):
        if not sized_constant(lx, start, end, content):
            lx.atom(
                Node("one", start=start, end=end)
                if content == "1"
                else Node("num", value=0, start=start, end=end)
            )
    elif style == "upright" and (word := plain(inner.replace(r"\_", "_"))) in lx.scope.functions:
        lx.function(lx.scope.functions[word], start, end, lx.rest_is_bracket(end))
    elif style == "upright" and content == "d" and lx.scope.differentials and _differential(lx, start, end):
        pass
    elif style == "upright" and content in lx.scope.elementwise:
        _unknown_function(lx, content, start, end)
    elif (letters := canonical(content)) and (
        style == "upright" or len(letters) == 1 or content.startswith("\\")
    ):
        base, sub = split(letters)
        name(lx, base, start, end, "cal" if style == "cal" else sub)
    elif style == "cal" and letters:
        name(lx, letters, start, end, "cal")
    else:
        place = lx.text.index(inner, start) if inner else start
        lx.out.append(lx.token("LPAR", None, start, place))
        lx.out += lx.inside(place, place + len(inner))
        lx.emit("RPAR", None, end, end)


def _differential(lx: Lexer, start: int, end: int) -> bool:
    """dX, d(…), dX⁻¹ for d(X⁻¹), d log det X, d‖x‖²: whether one stands here."""
    at = lx.skip_space(end)
    if lx.rest_is_bracket(end) and lx.text[at] != "{":
        lx.function("d", start, end, True)
        return True
    if at >= lx.end or not (lx.text[at].isalpha() or lx.text[at] in "\\{‖"):
        return False
    if lx.text[at] == "‖" or _NORM.match(lx.text, at, lx.end):
        lx.emit("BARE", "d", start, end)
        return True
    peek = lx.peek(at)
    if peek is None or peek.terminal not in ("ATOM", "FUNC", "BARE"):
        return False
    if peek.terminal != "ATOM":
        lx.emit("BARE", "d", start, end)
        return True
    if peek.value.kind != "name" or peek.value.value not in lx.scope.names:
        return False
    stop = _powered(lx, peek.end)
    if stop is not None:
        lx.out += [lx.token("FUNC", "d", start, end), lx.token("LPAR", None, at, at), *lx.inside(at, stop)]
        lx.emit("RPAR", None, stop, stop)
        return True
    lx.atom(Node("d", value=peek.value.value, start=start, end=peek.end))
    return True


def _powered(lx: Lexer, end: int) -> int | None:
    """Where the power or the inverse of a name ends, None where there is none (a transpose is none)."""
    at = lx.skip_space(end)
    if at < lx.end and lx.text[at] == "^":
        return None if _TRANSPOSED.match(lx.text, at) else exponent_end(lx, lx.skip_space(at + 1))
    stop = end
    while stop < lx.end and lx.text[stop] > "\x7f" and ord(lx.text[stop]) in SUPERSCRIPTS:
        stop += 1
    return stop if stop > end and lx.text[end:stop] not in ("ᵀ", "ᵗ") else None
