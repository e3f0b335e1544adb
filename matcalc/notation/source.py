"""A text that was typed: its cleaned form, and the way back from there to what the person sees.

Characters are unified, LaTeX macros expanded, comments and the wrappers of displayed LaTeX blanked out. Every
place in the cleaned text still knows its place in the original, so that carets stand under what was typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from matcalc.errors import ParseError, Place
from matcalc.notation.characters import clean
from matcalc.notation.names import group_end

MAX_LENGTH = 40_000
MAX_EXPANSIONS = 2_000
_MACRO = re.compile(
    r"\\(?:def\s*\\(?P<def>[A-Za-z]+)\s*(?P<params>(?:#\d)*)"
    r"|(?:re)?newcommand\*?\s*\{?\s*\\(?P<new>[A-Za-z]+)\s*\}?\s*(?:\[(?P<count>\d)\])?"
    r"|DeclareMathOperator\*?\s*\{?\s*\\(?P<op>[A-Za-z]+)\s*\}?)\s*(?=\{)")
_COMMENT = re.compile(r"(?<!\\)%[^\n]*|#(?!\d)[^\n]*")
_PERCENT = {"*": "a product is A B or A*B", "o": "the outer product is x y'", "x": "the Kronecker product is A⊗B"}
_PERCENT_OPERATOR = re.compile(r"%([*ox])%")
_ROW_SPACE = re.compile(r"(?<=\\\\)\s*\[\s*[-\d.]+\s*(?:pt|em|ex|mm|cm)\s*\]")
_WRAPPER = re.compile(
    r"\$+|(?<!\\)\\[\[\]()]|\\(?:begin|end)\s*\{(?:align|aligned|equation|gather|gathered|split|multline|eqnarray"
    r"|displaymath|math|flalign)\*?\}|\\(?:label|tag)\s*\{[^{}]*\}|\\eqalign\s*(?=\{)")


@dataclass(frozen=True, slots=True)
class Source:
    """One text: as typed, cleaned, and where each cleaned character came from (None: from its own place)."""

    original: str
    text: str
    origin: list[int] | None = None

    def place(self, start: int, end: int, label: str = "") -> Place:
        """The stretch of the original behind a stretch of the cleaned text."""
        if self.origin is not None:
            last = self.origin[min(max(start, end - 1), len(self.origin) - 1)]
            start = self.origin[min(start, len(self.origin) - 1)]
            end = max(start, last) + 1
        return Place(self.original, start, max(start + 1, end), label)

    def error(self, message: str, start: int, end: int | None = None, hint: str = "") -> ParseError:
        """A ParseError at a place of the cleaned text."""
        return ParseError(message, self.place(start, start + 1 if end is None else end), hint=hint)


def source(original: str) -> Source:
    """Prepare a text for reading.

    Raises:
        ParseError: the text is too long, or its macros never end.
    """
    if not isinstance(original, str):
        raise ParseError(f"a formula is a text, not {type(original).__name__}")
    if len(original) > MAX_LENGTH:
        raise ParseError(f"the text has {len(original):,} characters; at most {MAX_LENGTH:,} are read")
    text, origin = clean(original)
    if "\\" in text or "$" in text:
        if _MACRO.search(text):
            text, origin = _expand(original, text, origin)
        text = _ROW_SPACE.sub(lambda m: " " * len(m[0]), text)
        text = _WRAPPER.sub(lambda m: " " * len(m[0]), text)
    if m := _PERCENT_OPERATOR.search(text):
        raise Source(original, text, origin).error(f"`{m[0]}` is R's", *m.span(), hint=_PERCENT[m[1]])
    if "%" in text or "#" in text:
        text = _COMMENT.sub(lambda m: " " * len(m[0]), text)
    return Source(original, text, origin)


def expanded(text: str) -> str:
    """The text with its LaTeX macros put in, everything else as typed.

    Raises:
        ParseError: the text is too long, or its macros never end.
    """
    if not isinstance(text, str):
        raise ParseError(f"a derivation is a text, not {type(text).__name__}")
    if len(text) > MAX_LENGTH:
        raise ParseError(f"the text has {len(text):,} characters; at most {MAX_LENGTH:,} are read")
    return _expand(text, text, None)[0] if "\\" in text and _MACRO.search(text) else text


def _expand(original: str, text: str, origin: list[int] | None) -> tuple[str, list[int]]:
    """Take the macro definitions out and put their bodies in."""
    places = origin or list(range(len(text) + 1))
    macros: dict[str, tuple[int, str]] = {}
    while m := _MACRO.search(text):
        end = group_end(text, m.end())
        name = m["def"] or m["new"] or m["op"]
        body = text[m.end() + 1: end - 1]
        count = int(m["count"] or 0) if m["new"] else len(m["params"] or "") // 2
        macros[name] = (count, f"\\operatorname{{{body}}}" if m["op"] else body)
        text, places = text[: m.start()] + text[end:], places[: m.start()] + places[end:]
    use = re.compile(
        r"\\(" + "|".join(sorted(map(re.escape, macros), key=len, reverse=True)) + r")(?![A-Za-z])"
    )
    position = 0
    for _ in range(MAX_EXPANSIONS):
        found = use.search(text, position)
        if found is None:
            return text, places
        count, body = macros[found[1]]
        end, given = found.end(), []
        for _ in range(count):
            while end < len(text) and text[end].isspace():
                end += 1
            stop = group_end(text, end) if text[end: end + 1] == "{" else end + 1
            given.append(text[end:stop].removeprefix("{").removesuffix("}"))
            end = stop
        body = re.sub(r"(\\[A-Za-z]+)(#\d)", r"\1 \2", body)
        for i, argument in enumerate(given, 1):
            body = body.replace(f"#{i}", argument)
        if not count and text[end: end + 1].isalpha():
            body += " "
        place = places[min(found.start(), len(places) - 1)]
        text = text[: found.start()] + body + text[end:]
        places = places[: found.start()] + [place] * len(body) + places[end:]
        position = found.start()
        if len(text) > MAX_LENGTH:
            break
    raise ParseError("the LaTeX macros do not come to an end", Place(original, 0, 1))
