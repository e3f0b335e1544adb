"""The statements of a text: declarations, definitions, and the objective with its name and sense."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from matcalc.errors import ParseError
from matcalc.notation.declare import BLANK, is_declaration, items, outside
from matcalc.notation.names import canonical, group_end
from matcalc.notation.scope import FUNCTIONS
from matcalc.notation.source import Source

_BREAK = re.compile(r"\\[,;:!]|\\begin(?![A-Za-z])|\\end(?![A-Za-z])|\\\\|\\[{}]|\n\s*|[()\[\]{};]")
_OPENING, _CLOSING = {"(", "[", "{", "\\{", "\\begin"}, {")", "]", "}", "\\}", "\\end"}
_GLYPHS = r"circ|odot|cdot|otimes|oslash|times|colon|ast"
_GOES_ON = re.compile(
    rf"(?<![_^])(?<![_^]\s)(?:[-+*/∘⊘⊗·×:=,&@]|\\(?:{_GLYPHS})|(?<![A-Za-z\\])(?:let|minimi[sz]e|maximi[sz]e|over|where))\s*$"
)
_CONTINUES = re.compile(rf"(?:[+∘⊘⊗·×*/)\]]|\\(?:{_GLYPHS})(?![A-Za-z])|over\s|subject to\b|s\.t\.)")
_KEYWORD = re.compile(
    r"\s*(?:\\(?:text|mbox|textrm)\s*\{\s*)?(let|where|with|given|assume|suppose|define|and|subject to"
    r"|such that|s\.t\.|for)(?![A-Za-z])\s*\}?[\s:,]*",
    re.I,
)
_INLINE = re.compile(
    r"(?<=[\s,}])(?:\\(?:text|mbox|textrm)\s*\{\s*)?"
    r"(?:(where|subject to|such that|s\.t\.)|with|given|for)(?![A-Za-z])\s*\}?:?\s+",
    re.I,
)
MAX_WORD = 40  # of what a line may end with, in characters
MAX_CLAUSES = 8  # words such as `for` and `with` in one line that may begin a list of declarations
CLAIMS = ("declares", "defines")
NAMES_GO_ON = (["name"], ["declares"])
_SENSE = re.compile(
    r"\s*(?:\\underset\s*\{(?P<under>[^{}]*)\}\s*)?(?:\\(?:operatorname|text|mathrm|mbox|mathop)\*?\s*\{|\{\s*\\(?:rm|bf)\s+|\{)?\s*"
    r"(?:\\mathrm\s*)?(?P<arg>\\?arg)?(?:\s|\\[,!;: ])*(?:\\(?:operatorname|text|mathrm)\*?\s*\{)?\\?"
    r"(?P<word>[Mm]inimi[sz]e|[Mm]aximi[sz]e|min|max)(?![A-Za-z])\s*\}*(?:\\limits)?\s*")
_OVER = re.compile(
    r"(?:\\(?:text|mbox)\s*\{\s*)?(?<![A-Za-z\\])(?:over|w\.?r\.?t\.?|with respect to)\s*\}?\s+"
    r"(?P<names>[^()∈:]*)$"
)
_OVER_FIRST = (  # minimize over x: …, minimize(x) …
    re.compile(r"\s*over\s+(?P<names>[^:=()]*?)\s*:"),
    re.compile(r"(?<!\s)\((?P<names>[^()]*)\)\s+(?![-+*/∘⊘⊗·×:^_.])"),
)
_LEFT = re.compile(
    r"^(?P<name>[^()=:]+?)\s*(?:(?:\\left|\\[bB]ig+l?)?\s*\((?P<arguments>[^()]*?)(?:\\right|\\[bB]ig+r?)?\s*\))?\s*$"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: a declaration, a definition, an equation (`f = …`) or an objective; its place."""

    kind: str
    source: Source
    start: int
    end: int
    name: str = ""
    over: tuple[str, ...] = ()
    sense: str = ""


def statements(source: Source) -> list[Statement]:
    """The statements of a text in their order."""
    out = []
    for start, end in pieces(source):
        out += _split_inline(source, start, end)
    return out


def pieces(source: Source) -> list[tuple[int, int]]:
    """The stretches between line ends and semicolons outside brackets; lines that go on are joined."""
    text = source.text
    cuts: list[tuple[int, int, bool]] = []
    depth = 0
    for m in _BREAK.finditer(text):
        c = m[0]
        if c in _OPENING:
            depth += 1
        elif c in _CLOSING:
            depth = max(0, depth - 1)
        elif depth == 0 and (c[0] in ";\n" or c == "\\\\"):
            cuts.append((m.start(), m.end(), c[0] == "\n"))
    cuts.append((len(text), len(text), False))
    out: list[tuple[int, int]] = []
    start = 0
    for a, b, newline in cuts:
        piece = text[start:a].rstrip()[-MAX_WORD:]
        if newline and piece and (_GOES_ON.search(piece) or _CONTINUES.match(text, b)):
            continue
        if piece:
            out.append(_trim(text, start, a))
        start = b
    return out


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] == "&"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",.&"):
        end -= 1
    return start, end


def _split_inline(source: Source, start: int, end: int) -> list[Statement]:
    """`… where C = A + B, X ∈ R^{m×n}` on one line, or after a comma, is several statements."""
    text = source.text
    whole = outside(text, start, end)
    for m, _ in zip(_INLINE.finditer(text, start, end), range(MAX_CLAUSES), strict=False):
        head = _trim(text, start, m.start())
        if head[0] == head[1] or whole[m.start()] == BLANK or is_declaration(text[slice(*head)]):
            continue
        claims = _claims(text, items(text, m.end(), end))
        if claims and (m[1] or "").lower() not in ("", "where") and not all(_is_constraint(text, *c) for c in claims):
            claims = None
        if claims:
            return [*_split_inline(source, *head), *(_statement(source, a, b, "where") for a, b in claims)]
        if m[1]:
            raise _no_claim(source, m, end)
    keyword = _KEYWORD.match(text, start, end)
    if _declares(text, keyword.end() if keyword else start, end):
        return [_statement(source, start, end)]
    listed = items(text, start, end)
    kinds = [_kind(text, a, b) for a, b in listed]
    i = len(kinds)
    while i > 1 and (kinds[i - 1] in CLAIMS or kinds[i - 1] == "name" and kinds[i : i + 1] in NAMES_GO_ON):
        i -= 1
    while i < len(kinds) and kinds[i] == "name" and _OVER.search(text, start, listed[i - 1][1]):
        i += 1  # minimize … over U, V, A ∈ R^{m×n}
    if i == len(kinds):
        return [_statement(source, start, end)]
    claims = _claims(text, listed[i:]) or []
    return [_statement(source, *_trim(text, start, listed[i - 1][1])),
            *(_statement(source, a, b, "where") for a, b in claims)]


def _kind(text: str, start: int, end: int) -> str:
    """What an item of a list is: a declaration, a definition, a name for the declaration after it, or neither."""
    if is_declaration(text[start:end]):
        return "declares"
    equals, length = _equals(text, start, end)
    if equals is not None:
        named = canonical(text[start:equals].rstrip(" &")) is not None and text[equals + length : end].strip()
        return "defines" if named else ""
    return "name" if canonical(text[start:end]) is not None else ""


def _claims(text: str, listed: list[tuple[int, int]]) -> list[tuple[int, int]] | None:
    """The declarations and definitions that a list consists of; None where one of its items is neither."""
    out: list[tuple[int, int]] = []
    first: int | None = None  # where a list of names for the next declaration began
    for a, b in listed:
        kind = _kind(text, a, b)
        if not kind or kind == "defines" and first is not None:
            return None
        begin = a if first is None else first
        first = begin if kind == "name" else None
        if kind != "name":
            out.append((begin, b))
    return out if first is None else None


def _is_constraint(text: str, start: int, end: int) -> bool:
    """Whether an item after `subject to` is a set, a sign, or a letter that is defined: S = Diag(s), not Ax = b."""
    equals, _ = _equals(text, start, end)
    name = canonical(text[start:equals].rstrip(" &")) if equals is not None else "x"
    return equals is None or name is not None and len(name.partition("_")[0]) == 1


def _no_claim(source: Source, m: re.Match[str], end: int) -> ParseError:
    """What stands after `where` or `subject to` and is no declaration."""
    where, text = m[1].lower() == "where", source.text
    bad = [(a, b) for a, b in items(text, m.end(), end)
           if not _kind(text, a, b) or not where and not _is_constraint(text, a, b)]
    a, b = bad[0] if bad else (m.end(), end)
    if where:
        return source.error("this is neither a declaration nor a definition", a, b, "X ∈ R^{m×n}, x > 0, X := UV' - Y")
    return source.error("this constraint is not understood", a, b,
                        "x > 0, sets such as X ∈ SPD(n) or X ∈ Orth(n), and definitions such as S := Diag(s)")


def _statement(source: Source, start: int, end: int, word: str = "") -> Statement:
    text = source.text
    keyword = _KEYWORD.match(text, start, end)
    inner = keyword.end() if keyword else start
    word = word or (keyword[1].lower() if keyword else "")
    if _declares(text, inner, end):
        return Statement("declaration", source, inner, end)
    equals, length = _equals(text, inner, end)
    if equals is not None and length == 2:
        name = canonical(text[inner:equals].rstrip(" &"))
        if name is None:
            raise source.error("only a name can be defined", inner, max(equals, inner + 1), "X := UV' - Y")
        a, b = _trim(text, equals + 2, end)
        return Statement("definition", source, a, b, name)
    if word and word != "for" and equals is not None:
        name = canonical(text[inner:equals].rstrip(" &"))
        if name is not None:
            a, b = _trim(text, equals + 1, end)
            return Statement("definition", source, a, b, name)
    return _objective(Statement("objective", source, start, end))


def _declares(text: str, start: int, end: int) -> bool:
    if not is_declaration(text[start:end]):
        return False
    found = items(text, start, end)
    return all(is_declaration(text[a:b]) or canonical(text[a:b]) for a, b in found)


def _equals(text: str, start: int, end: int) -> tuple[int | None, int]:
    """The first `=` or `:=` that stands in no bracket, and its length."""
    depth = 0
    for i in range(start, end):
        c = text[i]
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == "=" and depth <= 0:
            if text[i - 1: i] == ":" and i > start:
                return i - 1, 2
            return i, 1
        elif c == "\\" and depth <= 0:
            m = re.compile(r"\\(?:coloneqq?|doteq|triangleq|equiv)(?![A-Za-z])").match(text, i, end)
            if m:
                return m.end() - 2, 2
    return None, 0


def _objective(s: Statement) -> Statement:
    """Take `f(U,V) =`, `minimize`, `\\\\min_{U,V}`, `arg min`, `over U, V` off, in any sensible order."""
    text = s.source.text
    if (m := _OVER.search(text, s.start, s.end)) and m.start() > s.start:
        s = replace(
            s, end=_trim(text, s.start, m.start())[1], over=_names(s.source, m.start("names"), m.end("names"))
        )
    s = _without_minimizer(s)
    plain = ""  # the name of an equation with nothing but that name between it and here
    for _ in range(6):
        s = replace(s, start=_trim(text, s.start, s.end)[0])
        m = _SENSE.match(text, s.start, s.end)
        if m is not None and _is_sense(text, m, s.end):
            s, plain = _take_sense(s, m), ""
            continue
        equals, length = _equals(text, s.start, s.end)
        left = _LEFT.match(text[s.start: equals].rstrip(" &")) if equals is not None and length == 1 else None
        name = canonical(left["name"]) if left else None
        if left is None or name is None or equals is None or (plain and name != plain):
            return s
        if left["arguments"] and name in FUNCTIONS:
            raise s.source.error(
                "an equation is not an objective", s.start, equals + 1, "write the side that is to be differentiated"
            )
        plain = name
        over = s.over
        if left["arguments"] and not over:
            over = _names(s.source, s.start + left.start("arguments"), s.start + left.end("arguments"))
        s = replace(
            s,
            kind="equation" if s.kind == "objective" and not s.sense else s.kind,
            name=name,
            start=equals + 1,
            over=over,
        )
    return s


def _without_minimizer(s: Statement) -> Statement:
    """x* = arg min … says nothing more than arg min …"""
    text = s.source.text
    equals, length = _equals(text, s.start, s.end)
    if equals is None or length == 2:
        return s
    m = _SENSE.match(text, equals + 1, s.end)
    marked = re.search(r"\*|⋆|\\star|\\ast|\\hat|opt|min|max", text[s.start:equals])
    return replace(s, start=equals + 1) if m is not None and m["arg"] and marked else s


def _is_sense(text: str, m: re.Match[str], end: int) -> bool:
    following = text[m.end(): m.end() + 1] if m.end() < end else ""
    return bool(m["arg"] or m["under"] or m["word"].endswith("e") or following == "_"
                or following not in ("(", "[", "\\", "{", "") and text[m.end() - 1].isspace())


def _take_sense(s: Statement, m: re.Match[str]) -> Statement:
    text, position = s.source.text, m.end()
    over = s.over
    if m["under"]:
        over = over or _names(s.source, m.start("under"), m.end("under"))
    if text.startswith("_", position):
        if position + 1 >= s.end:
            raise s.source.error("the names of the variables must follow", position, hint="min_{U,V} …")
        brace = text.startswith("{", position + 1)
        stop = group_end(text, position + 1) if brace else position + 2
        inner = (position + 2, stop - 1) if brace else (position + 1, stop)
        over, position = over or _names(s.source, *inner), stop
    for found in (pattern.match(text, position, s.end) for pattern in _OVER_FIRST):
        if found and all(canonical(text[a:b]) for a, b in items(text, *found.span("names"))):
            over, position = over or _names(s.source, *found.span("names")), found.end()
            break
    position = position + len(text[position:s.end]) - len(text[position:s.end].lstrip(" :\t\n"))
    sense = "minimize" if m["word"].lower().startswith("min") else "maximize"
    return replace(s, kind="objective", start=position, over=over, sense=s.sense or sense)


def _names(source: Source, start: int, end: int) -> tuple[str, ...]:
    out = []
    for a, b in items(source.text, start, end):
        raw = re.split(r"∈|\\in(?![A-Za-z])|≥|>|\\geq?", source.text[a:b])[0]
        name = canonical(raw.replace("\\,", ""))
        if name is None:
            raise source.error(f"`{source.text[a:b]}` is no name", a, b, "minimize … over U, V")
        out.append(name)
    return tuple(out)
