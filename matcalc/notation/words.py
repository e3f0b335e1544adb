"""Words of a formula: names with their subscripts, functions, constants, indexed sums, exponents.

Each function reads one thing at the lexer's place, adds its tokens and moves the lexer on.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from matcalc.errors import UnsupportedError
from matcalc.notation.characters import ACCENTS, COMBINING, COMMANDS, FONTS, GREEK, SUBSCRIPTS, SUPERSCRIPTS
from matcalc.notation.dimension import Size, read_shape
from matcalc.notation.hints import ELSEWHERE
from matcalc.notation.names import LETTERS, SUBSCRIPT_RUN, canonical, group_end, join, plain, split
from matcalc.notation.surface import Node

if TYPE_CHECKING:
    from matcalc.notation.lexer import Lexer

FONT_SWITCH = re.compile(r"\{\s*\\(" + "|".join(FONTS) + r")(?![A-Za-z])\s*(?=[^{}]*\})")
_TAIL = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?\s*")
_EXPONENT = re.compile(r"([+-]?)(\d{1,6}(?:\.\d{1,6})?|\.\d{1,6})(?:/(\d{1,6}))?")
_FRACTION = re.compile(r"\\[tdc]?frac\s*(?:\{\s*(\d+)\s*\}\s*\{\s*(\d+)\s*\}|(\d)\s*(\d))")
_SCRIPT_PIECE = re.compile(r"[-+]?\d+(?:[./]\d+)?|-?[Tt]|[+]|H|[a-z]+")
_DIM_TEXT = re.compile(r"[A-Za-z0-9+\-*^()·]+")
_SIMPLE_BOUND = re.compile(r"\s*[a-zA-Z0-9+\-\s]*\s*")
_LOG_DET = re.compile(r"\s*\\det(?![A-Za-z])")
_RAW_SUM = re.compile(r"[\s]*(?:\\(?:no)?limits(?![A-Za-z]))?[\s]*")


# ── names ─────────────────────────────────────────────────────────────────────────────────────────────────
def word(lx: Lexer) -> None:
    """A run of letters: the longest declared name, function or Greek letter, else one letter."""
    text, start, scope = lx.text, lx.position, lx.scope
    found = LETTERS.match(text, start, lx.end)
    if found is None:
        raise lx.error(f"`{text[start]}` is no letter of the language", start,
                       hint="names are Latin or Greek letters")
    run = found[0]
    whole = start == 0 or LETTERS.match(text[start - 1]) is None
    tail = _TAIL.match(text, start, lx.end)
    function_name = tail[0] if tail else ""
    if tail and (_unknown_function(lx, function_name, start, tail.end()) or _function_call(lx, function_name, start, tail.end())):
        return
    if whole and run == "sum" and text.startswith("_", found.end()):
        return _indexed_sum(lx, start, found.end())
    if whole and function_name in scope.functions:
        return function(lx, scope.functions[function_name], start, start + len(function_name), False)
    for length in range(min(len(run), 40), 1, -1):
        piece = run[:length]
        if piece in scope.bases:
            return name(lx, piece, start, start + length)
        if whole and length == len(run) and piece in scope.functions:
            return function(lx, scope.functions[piece], start, start + length, False)
        if piece in GREEK and (length > 2 or whole and length == len(run)):
            return name(lx, GREEK[piece], start, start + length)
    if whole:
        _refuse_unknown(lx, run, start)
    if run[0] == "d" and scope.differentials and "d" not in scope.names and _differential(lx, start, start + 1):
        return
    if run[0] == "Σ" and _binds(lx, start + 1):
        return _indexed_sum(lx, start, start + 1)
    name(lx, run[0], start, start + 1)


def _refuse_unknown(lx: Lexer, run: str, start: int) -> None:
    """A longer run of small letters before a bracket is meant as a function."""
    text, end = lx.text, start + len(run)
    if text.startswith(".", end) and run in ("np", "numpy", "torch", "jnp", "math", "tf", "scipy", "sp", "la"):
        raise lx.error(f"`{run}.` is Python's", start, end + 1,
                       "formulas use mathematical names: tr(X), exp(x), ‖x‖², X'")
    if len(run) >= 3 and run.islower() and run.isascii() and text[end: end + 1] == "(":
        raise lx.error(f"`{run}` is no function of the language", start, end,
                       ELSEWHERE.get(run) or f"declare it: `{run} elementwise`, or `{run} ∈ R` for a variable")
    if run in ("f", "g") and text[end: end + 1] == "(" and run not in lx.scope.names and not lx.scope.differentials:
        raise lx.error(f"`{run}` is not known as a function", start, end,
                       f"declare `{run} elementwise`; for a product write {run}*(…)")


def name(lx: Lexer, base: str, start: int, end: int, accent: str = "") -> None:
    """A name whose letters are read: its subscript, then what it stands for."""
    text, scope = lx.text, lx.scope
    if end < lx.end and text[end] in COMBINING:
        accent, end = COMBINING[text[end]], end + 1
    sub, end = _subscript(lx, base, end)
    full = join(base, accent, sub)
    if full not in scope.names and not accent:
        if sub and (items := _index_items(sub, lx.indices)) and base != "e":
            lx.atom(_plain_name(lx, base, start, end))
            lx.emit("POST", ("part", items), end, end)
            return
        if _constant(lx, base, sub, start, end):
            return
    lx.atom(Node("name", value=full, start=start, end=end))


def _plain_name(lx: Lexer, base: str, start: int, end: int) -> Node:
    kind = "J" if base == "J" and base not in lx.scope.names else "eye" if base == "I" and base not in lx.scope.names else "name"
    return Node(kind, value=base if kind == "name" else None, start=start, end=end)


def _subscript(lx: Lexer, base: str, position: int) -> tuple[str, int]:
    """The subscript at a place and the place after it."""
    text = lx.text
    c = text[position: position + 1] if position < lx.end else ""
    if c.isdigit() and c.isascii():
        m = re.compile(r"\d{1,9}").match(text, position, lx.end)
        return (m[0], m.end()) if m else ("", position)
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
    if not sub or not re.fullmatch(r"[\w,.:]+", sub):
        raise lx.error("this is no subscript", position, after, "a subscript is a letter, digits or a word in braces")
    return sub, after


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
    sign = start + 1 if text[start] in "-+" else start
    rest = lx.skip_space(sign)
    if m := re.compile(r"\d+(?:\.\d+)?|\.\d+").match(text, rest, end):
        return start, m.end(), m.end()
    if m := _COMMAND.match(text, rest, end):
        stop = m.end()
        for _ in range({"frac": 2, "tfrac": 2, "dfrac": 2}.get(m[1], m[1] in FONTS or m[1] in ACCENTS)):
            stop = group_end(text, stop) if text[stop: stop + 1] == "{" else stop + 1
        stop = stop if stop > m.end() else len(text[:stop].rstrip())
        return start, min(stop, end), min(stop, end)
    if sign > start and (rest >= end or not (text[rest].isalpha() or text[rest] in "⊤(")):
        return start, sign, sign
    return start, min(rest + 1, end), min(rest + 1, end)


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
        node = Node("eye", value=_size(lx, sub, start, end)[0] if sub else None, start=start, end=end)
    elif base in ("J", "π") and not sub:
        node = Node("J" if base == "J" else "const", value=base, start=start, end=end)
    elif base == "e" and not sub:
        return _exponential(lx, start, end)
    elif base == "e" and (sub.isdigit() or sub in lx.indices or sub in lx.scope.dims):
        node = Node("unit", value=int(sub) if sub.isdigit() else sub, start=start, end=end)
    elif base == "K" and "," in sub and _is_dimension(lx, sub.replace(",", "")):
        node = Node("commutation", value=_size(lx, sub, start, end), start=start, end=end)
    elif base in ("D", "L") and sub and (_all_declared(lx, sub) or _before_vec(lx, end) and _is_dimension(lx, sub)):
        kind = "duplication" if base == "D" else "elimination"
        node = Node(kind, value=_size(lx, sub, start, end), start=start, end=end)
    if node is not None:
        lx.atom(node)
    return node is not None


def _all_declared(lx: Lexer, sub: str) -> bool:
    letters = LETTERS.findall(sub)
    return bool(letters) and all(x in lx.scope.dims for run in letters for x in ([run] if run in lx.scope.dims else run))


def _before_vec(lx: Lexer, end: int) -> bool:
    return re.compile(r"[\s\\*·]*(?:operatorname\{|mathrm\{|\{\\rm )?vech?\b").match(lx.text, end, lx.end) is not None


def _is_dimension(lx: Lexer, sub: str, capitals: str = "") -> bool:
    """Whether a subscript is a dimension: declared ones, and small letters that are no variables."""
    if not _DIM_TEXT.fullmatch(sub) or not (sub[0].isalnum() or sub[0] == "("):
        return False
    for run in LETTERS.findall(sub):
        for x in [run] if run in lx.scope.dims else run:
            if x not in lx.scope.dims and (x in lx.scope.names or not (x.islower() or x in capitals)):
                return False
    return True


def _size(lx: Lexer, text: str, start: int, end: int) -> tuple[Size, ...]:
    try:
        return read_shape(text, lx.scope.dims)
    except ValueError as problem:
        raise lx.error(str(problem), start, end) from None


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
    sizes = _size(lx, raw, start, after)
    if len(sizes) > 2:
        raise lx.error("a shape has one or two dimensions", start, after)
    lx.atom(Node("ones" if digit == "1" else "zeros", value=(*sizes, 1)[:2], start=start, end=after))
    return True


def _exponential(lx: Lexer, start: int, end: int) -> bool:
    """e^{…} is exp of its exponent; eᵀ is the transpose of a vector e."""
    at = lx.skip_space(end)
    if lx.text[at: at + 1] != "^" or at >= lx.end:
        c = lx.text[end: end + 1]
        if not c or end >= lx.end or ord(c) not in SUPERSCRIPTS or c < "\x7f" or c in "ᵀᵗ":
            return False
        lx.out.append(_token(lx, "FUNC", "e^", start, end))
        lx.out.append(_token(lx, "LPAR", None, end, end))
        stop = end
        while stop < lx.end and lx.text[stop] > "\x7f" and ord(lx.text[stop]) in SUPERSCRIPTS:
            stop += 1
        lx.out += _script_tokens(lx, lx.text[end:stop].translate(SUPERSCRIPTS), end, stop)
        lx.emit("RPAR", None, stop, stop)
        return True
    inner, stop, after = script(lx, at + 1)
    if _classify(lx.text[inner:stop]) in (("T",), ("inv", "T")):
        return False
    if lx.text[inner] == "(" and lx.text[at + 1] == "(":
        stop = after = _bracket_end(lx, inner)
    lx.out.append(_token(lx, "FUNC", "e^", start, end))
    lx.out.append(_token(lx, "LPAR", None, inner, inner))
    lx.out += lx.inside(inner, stop)
    lx.emit("RPAR", None, stop, after)
    return True


def _token(lx: Lexer, terminal: str, value: object, start: int, end: int):  # type: ignore[no-untyped-def]
    return lx.token(terminal, value, start, end)


# ── functions and fonts ───────────────────────────────────────────────────────────────────────────────────
def _function_call(lx: Lexer, spelled: str, start: int, end: int) -> bool:
    if spelled not in lx.scope.functions or not lx.rest_is_bracket(end):
        return False
    function(lx, lx.scope.functions[spelled], start, end, True)
    return True


def _unknown_function(lx: Lexer, spelled: str, start: int, end: int) -> bool:
    """A function declared `elementwise`, with primes for its derivatives."""
    if spelled not in lx.scope.elementwise:
        return False
    order = 0
    while lx.text.startswith("'", end + order):
        order += 1
    if not lx.rest_is_bracket(end + order):
        raise lx.error(f"`{spelled}` is a function and needs an argument", start, end, f"{spelled}(x)")
    function(lx, ("apply", spelled, order), start, end + order, True)
    return True


def function(lx: Lexer, what: object, start: int, end: int, call: bool) -> None:
    """A function with a bracket or without one."""
    if not call:
        at = lx.skip_space(end)
        if lx.text[at: at + 1] in ("^", "_") and at < lx.end:
            raise lx.error("a function takes no exponent or subscript here", at,
                           hint="write (log(x))^2 for the square of log(x)")
    lx.emit("FUNC" if call else "BARE", what, start, end)
    lx.call = call


def command(lx: Lexer, spelled: str, start: int, end: int) -> bool:
    """A LaTeX command that is a word: a function, a letter, a font, an accent, a sum."""
    if spelled in ("sum", "Sum"):
        _indexed_sum(lx, start, end)
    elif spelled == "log" and (m := _LOG_DET.match(lx.text, end, lx.end)) and "logdet" in lx.scope.functions:
        function(lx, "logdet", start, m.end(), lx.rest_is_bracket(m.end()))
    elif spelled in GREEK or COMMANDS.get(spelled, "").isalpha() and len(COMMANDS[spelled]) == 1 and spelled != "in":
        name(lx, GREEK.get(spelled, COMMANDS[spelled].lstrip("\\")), start, end)
    elif spelled in lx.scope.functions and (spelled not in FONTS or lx.text[lx.skip_space(end): end + 1] == "("):
        function(lx, lx.scope.functions[spelled], start, end, lx.rest_is_bracket(end))
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
            lx.atom(Node("one", start=start, end=end) if content == "1" else Node("num", value=0, start=start, end=end))
    elif style == "upright" and content in lx.scope.functions:
        function(lx, lx.scope.functions[content], start, end, lx.rest_is_bracket(end))
    elif style == "upright" and content == "d" and lx.scope.differentials and _differential(lx, start, end):
        pass
    elif style == "upright" and content in lx.scope.elementwise:
        _unknown_function(lx, content, start, end)
    elif (letters := canonical(content)) and (style == "upright" or len(letters) == 1 or content.startswith("\\")):
        base, sub = split(letters)
        name(lx, base, start, end, "cal" if style == "cal" else sub)
    elif style == "cal" and letters:
        name(lx, letters, start, end, "cal")
    else:
        place = lx.text.index(inner, start) if inner else start
        lx.out.append(_token(lx, "LPAR", None, start, place))
        lx.out += lx.inside(place, place + len(inner))
        lx.emit("RPAR", None, end, end)


def _differential(lx: Lexer, start: int, end: int) -> bool:
    """dX, or d(…): whether one stands here."""
    at = lx.skip_space(end)
    if lx.text[at: at + 1] == "(" and at < lx.end:
        function(lx, "d", start, end, True)
        return True
    if at >= lx.end or not (lx.text[at].isalpha() or lx.text[at] in "\\{"):
        return False
    peek = lx.peek(at)
    if peek is None or peek.terminal != "ATOM" or peek.value.kind != "name" or peek.value.value not in lx.scope.names:
        return False
    lx.atom(Node("d", value=peek.value.value, start=start, end=peek.end))
    return True


# ── exponents ─────────────────────────────────────────────────────────────────────────────────────────────
def exponent(lx: Lexer, start: int, position: int, elementwise: bool = False) -> None:
    """What follows `^`, `**` or `.^`."""
    if not lx.operand:
        raise lx.error("an exponent needs something before it", start, position)
    inner, stop, after = script(lx, position)
    at = lx.skip_space(position)
    signed = at + (lx.text[at] in "-+")
    if lx.text[signed: signed + 1] == "(":
        stop = after = _bracket_end(lx, signed)
        inside = lx.text[inner:stop].replace("(", "").replace(")", "")
    else:
        inside = lx.text[inner:stop]
    kind = _classify(inside)
    denominator = lx.denominator
    if kind is None:
        lx.out.append(_token(lx, "POW", "hpow" if elementwise else "pow", start, inner))
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
    if text in ("-T", "-⊤", "-'"):
        return ("inv", "T")
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
        raise lx.error("an exponent needs something before it", start)
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
            lx.out.append(_token(lx, "POW", "pow", start, start))
            lx.out += _script_tokens(lx, m[0], start, stop)
            lx.emit("RPAR", None, stop, stop)
        else:
            lx.emit("POST", kind, start, stop)
        position = m.end()
    lx.position, lx.denominator = stop, denominator


def _script_tokens(lx: Lexer, raw: str, start: int, stop: int) -> list:  # type: ignore[type-arg]
    """The tokens of raised text: a sign, a number or letters."""
    out = []
    for m in re.finditer(r"-|\+|\d+|[a-zA-Z]|.", raw):
        if m[0] in "+-":
            out.append(_token(lx, "MINUS" if m[0] == "-" else "PLUS", None, start, stop))
        elif m[0].isdigit():
            out.append(_token(lx, "ATOM", Node("num", value=int(m[0][:9]), start=start, end=stop), start, stop))
        elif m[0].isalpha():
            out.append(_token(lx, "ATOM", Node("name", value=m[0], start=start, end=stop), start, stop))
        else:
            raise lx.error("this is no exponent", start, stop)
    return out


def root_sign(lx: Lexer, c: str) -> None:
    """√ before a bracket or an operand."""
    start = lx.position
    if lx.rest_is_bracket(start + 1):
        function(lx, "sqrt", start, start + 1, True)
    else:
        function(lx, "sqrt", start, start + 1, False)


# ── sums and parts ────────────────────────────────────────────────────────────────────────────────────────
def sum_sign(lx: Lexer, c: str) -> None:
    """∑ with its bounds, or the sum of all entries."""
    _indexed_sum(lx, lx.position, lx.position + 1)


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
    text = plain(low)
    found: list[tuple[str, str]] = []
    for piece in text.split(","):
        index, _, bound = piece.partition("=")
        letters = [index] if len(index) == 1 else list(index) if index.isalpha() and not bound else []
        if not letters or not all(LETTERS.fullmatch(x) for x in letters):
            return None
        found += [(x, bound) for x in letters]
    bounds = [b for _, b in found if b]
    return [(x, b or (bounds[0] if bounds else "1")) for x, b in found]


def _binds(lx: Lexer, position: int) -> bool:
    """Whether Σ is a sum: its subscript binds an index that the rest of the text uses."""
    low, _, after = _bounds(lx, position)
    found = _indices(low) if low else None
    if not found:
        return False
    if "=" in low:
        return True
    rest = lx.text[after: lx.end]
    return all(re.search(rf"_\{{?[^{{}}\s]{{0,3}}{re.escape(x)}|\[[^\]]*\b{re.escape(x)}\b", rest.translate(
        {k: "_" + chr(v) for k, v in SUBSCRIPTS.items()})) for x, _ in found)


def _indexed_sum(lx: Lexer, start: int, end: int) -> None:
    low, high, after = _bounds(lx, end)
    if not low:
        if high:
            raise lx.error("the sum does not say its index", start, after, "sum_{k=1}^{p} …")
        return function(lx, "sum", start, after, lx.rest_is_bracket(after))
    found = _indices(low)
    if found is None:
        raise UnsupportedError("this kind of sum is not supported", lx.source.place(start, after),
                               hint="write sum_{i=1}^{n} or sum_{i,j}; for a sum over some entries use a mask: M∘X")
    top = _size(lx, high, start, after)[0] if high.strip() else None
    lx.indices.update(x for x, _ in found)
    lx.emit("ISUM", [(x, _size(lx, b, start, after)[0], top) for x, b in found], start, after)


def is_part(lx: Lexer, start: int) -> bool:
    """Whether the bracket at a place holds one or two index items and so is a part."""
    stop = lx.text.find("]", start, lx.end)
    if stop < 0:
        return False
    items = lx.text[start + 1: stop].split(",")
    loose = [x for x in map(str.strip, items) if x in ("i", "j", "k", "l") and x not in lx.scope.names
             and x not in lx.indices and x not in lx.scope.dims]
    if loose and len(items) <= 2 and lx.out[-1].end == start and all(
            x.strip() in (":", *loose) or _is_index_item(lx, x) for x in items):
        raise lx.error(f"the index {loose[0]} is not bound by a sum", start, stop + 1,
                       f"sum_{{{loose[0]}}} …, or declare {loose[0]} ∈ N")
    return len(items) <= 2 and all(_is_index_item(lx, item) for item in items)


def _is_index_item(lx: Lexer, item: str) -> bool:
    if item.strip() == ":":
        return True
    bounds = item.split(":")
    if len(bounds) > 2 or not all(b.strip() and _SIMPLE_BOUND.fullmatch(b) for b in bounds):
        return False
    words = LETTERS.findall(item)
    return all(w in lx.indices or w in lx.scope.dims or all(c in lx.scope.dims for c in w) for w in words)
