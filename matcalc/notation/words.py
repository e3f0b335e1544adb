"""Words of a formula: names with their subscripts, functions, constants, indexed sums, exponents.

Each function reads one thing at the lexer's place, adds its tokens and moves the lexer on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from matcalc.errors import UnsupportedError
from matcalc.notation.characters import ACCENTS, COMBINING, COMMANDS, FONTS, GREEK, SUBSCRIPTS, SUPERSCRIPTS
from matcalc.notation.exponents import exponent_end, exponential, script
from matcalc.notation.hints import ELSEWHERE
from matcalc.notation.names import LETTERS, SUBSCRIPT_RUN, canonical, group_end, join, plain, split
from matcalc.notation.sums import binds, indexed_sum
from matcalc.notation.surface import Node

if TYPE_CHECKING:
    from matcalc.notation.lexer import Lexer

FONT_SWITCH = re.compile(r"\{\s*\\(" + "|".join(FONTS) + r")(?![A-Za-z])\s*(?=[^{}]*\})")
LONGEST_GREEK = max(map(len, GREEK))
_RUN = re.compile(LETTERS.pattern.replace("+", "{1,64}"))
_TAIL = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,60}")
_DIM_TEXT = re.compile(r"[A-Za-z0-9+\-*^()·]+")
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
    sub, end = _subscript(lx, base, end)
    full = join(base, accent, sub)
    if full in scope.elementwise:
        _elementwise_call(lx, full, start, end)
        return
    if full not in scope.names:
        if sub and (items := _index_items(sub, lx.indices)) and base != "e":
            lx.atom(_plain_name(lx, join(base, accent, ""), start, end))
            lx.emit("POST", ("part", items), end, end)
            return
        if not accent and _constant(lx, base, sub, start, end):
            return
    lx.atom(Node("name", value=full, start=start, end=end))


def _plain_name(lx: Lexer, base: str, start: int, end: int) -> Node:
    kind = (
        "J"
        if base == "J" and base not in lx.scope.names
        else "eye"
        if base == "I" and base not in lx.scope.names
        else "name"
    )
    return Node(kind, value=base if kind == "name" else None, start=start, end=end)


def _subscript(lx: Lexer, base: str, position: int) -> tuple[str, int]:
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
    sub = plain(text[inner:stop])
    if re.search(r"\w[+-]\d", sub) and any(x in lx.indices for x in sub):
        raise UnsupportedError("an index with an offset is not supported", lx.source.place(position, after),
                               hint="cut the vector instead: x[2:n] and x[1:n-1]")
    sized = base in ("I", "K") and _is_dimension(lx, sub.replace(",", ""), "NMKDP")  # I_{m+n}
    if not sub or not (sized or re.fullmatch(r"[\w,.:]+", sub)):
        raise lx.error(
            "this is no subscript", position, after, "a subscript is a letter, digits or a word in braces"
        )
    return sub, after


def _index_items(sub: str, indices: set[str]) -> tuple[str, ...] | None:
    """A subscript that consists of bound indices (and dots, colons, digits) as index items."""
    items = tuple(x for x in (sub.split(",") if "," in sub else sub) if x)
    if not 0 < len(items) <= 2 or not any(x in indices for x in items):
        return None
    if not all(x in indices or x in ".:" or x.isdigit() for x in items):
        return None
    return tuple(":" if x == "." else x for x in items)


# ── constants ─────────────────────────────────────────────────────────────────────────────────────────────
def _constant(lx: Lexer, base: str, sub: str, start: int, end: int) -> bool:
    """I, J, e_k, e^…, π, K_{m,n}, D_n and L_n where they are not names."""
    node: Node | None = None
    if base == "I" and (not sub or _is_dimension(lx, sub, "NMKDP")):
        node = Node("eye", value=lx.sizes(sub, start, end)[0] if sub else None, start=start, end=end)
    elif base in ("J", "π") and not sub:
        node = Node("J" if base == "J" else "const", value=base, start=start, end=end)
    elif base == "e" and not sub:
        return exponential(lx, start, end)
    elif base == "e" and (sub.isdigit() or sub in lx.indices or sub in lx.scope.dims):
        node = Node("unit", value=int(sub) if sub.isdigit() else sub, start=start, end=end)
    elif base == "K" and "," in sub and _is_dimension(lx, sub.replace(",", "")):
        node = Node("commutation", value=lx.sizes(sub, start, end), start=start, end=end)
    elif (
        base in ("D", "L")
        and sub
        and (_all_declared(lx, sub) or _before_vec(lx, end) and _is_dimension(lx, sub))
    ):
        kind = "duplication" if base == "D" else "elimination"
        node = Node(kind, value=lx.sizes(sub, start, end), start=start, end=end)
    if node is not None:
        lx.atom(node)
    return node is not None


def _all_declared(lx: Lexer, sub: str) -> bool:
    letters = LETTERS.findall(sub)
    return bool(letters) and all(
        x in lx.scope.dims for run in letters for x in ([run] if run in lx.scope.dims else run)
    )


def _before_vec(lx: Lexer, end: int) -> bool:
    return (
        re.compile(r"[\s\\*·]*(?:operatorname\{|mathrm\{|\{\\rm )?vech?\b").match(lx.text, end, lx.end)
        is not None
    )


def _is_dimension(lx: Lexer, sub: str, capitals: str = "") -> bool:
    """Whether a subscript is a dimension: declared ones, and small letters that are no variables."""
    if not _DIM_TEXT.fullmatch(sub) or not (sub[0].isalnum() or sub[0] == "("):
        return False
    for run in LETTERS.findall(sub):
        for x in [run] if run in lx.scope.dims else run:
            if x not in lx.scope.dims and (x in lx.scope.names or not (x.islower() or x in capitals)):
                return False
    return True


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
    if content in ("1", "0"):
        if not sized_constant(lx, start, end, content):
            lx.atom(
                Node("one", start=start, end=end)
                if content == "1"
                else Node("num", value=0, start=start, end=end)
            )
    elif style == "upright" and content in lx.scope.functions:
        lx.function(lx.scope.functions[content], start, end, lx.rest_is_bracket(end))
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
