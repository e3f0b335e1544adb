"""Names: one canonical name stands for all its spellings: λ_u for lambda_u, \\lambda_u, λᵤ.

A canonical name is a letter, or a declared word, with an optional subscript after `_`. An accent is a
subscript too (`x_hat`), so that every name is also a Python keyword.
"""

from __future__ import annotations

import re
from keyword import iskeyword

from matcalc.notation.characters import (
    ACCENTS,
    COMBINING,
    COMMANDS,
    FONTS,
    GREEK,
    GREEK_NAMES,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    clean,
)

MAX_NAME = 200  # characters in which a name is spelled
LETTER = "A-Za-z\u0370-\u03ff"
LETTERS = re.compile(f"[{LETTER}]+")
_SUB_CHARS = "".join(map(chr, SUBSCRIPTS))
SUBSCRIPT_RUN = re.compile(f"[{re.escape(_SUB_CHARS)}]+")
_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_COMBINING_RUN = re.compile(f"[{''.join(COMBINING)}]+")
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?\s*")
_SPLIT = re.compile(rf"_|(?<=.)\d+$|[{re.escape(_SUB_CHARS)}]")
_WORDS = COMMANDS | {word: word for word in ("max", "min", "inf", "sup", "log", "det", "dim")}
_SPACING = re.compile(r"\\[,;:! ]|~|\s+|\$")


def group_end(text: str, start: int) -> int:
    """The place after the brace that closes the one at `start` (or the end of the text)."""
    depth = 0
    for i in range(start, len(text)):
        if text[i] == "{":
            depth += 1
        elif text[i] == "}":
            depth -= 1
            if not depth:
                return i + 1
    return len(text)


def plain(raw: str) -> str:
    """A subscript or an exponent without fonts, spaces and braces, Greek letters as letters.

    >>> plain(r"\\rm in"), plain(r"{\\text{max}}"), plain(r"\\lambda"), plain(r"i, j"), plain("n²")
    ('in', 'max', 'λ', 'i,j', 'n^2')
    """
    text = _SPACING.sub(" ", raw)
    text = re.sub(r"\\([A-Za-z]+) ?", lambda m: "" if m[1] in FONTS else _WORDS.get(m[1], "\\" + m[1]), text)
    text = _RAISED.sub(lambda m: "^" + m[0].translate(SUPERSCRIPTS), text)
    text = text.translate(SUBSCRIPTS).replace(" ", "").replace("{", "").replace("}", "").replace("∗", "*")
    return GREEK.get(text, text)


def join(base: str, *subscripts: str) -> str:
    """The canonical name with these subscripts, empty ones left out."""
    return "_".join([base, *(s for s in subscripts if s)])


def canonical(spelling: str) -> str | None:
    """The canonical name that a text spells, None where it is no name.

    >>> [canonical(t) for t in ("lambda_u", r"\\lambda_{u}", "X1", r"\\hat{x}", r"{\\cal E}", "Loss", "2x")]
    ['λ_u', 'λ_u', 'X_1', 'x_hat', 'E_cal', 'Loss', None]
    """
    if len(spelling) > MAX_NAME:
        return None
    text = clean(spelling)[0].strip().strip("$").strip()
    text = _SPACING.sub(" ", text).strip()
    cut = _outside_braces(text)
    if cut is None:
        base, sub = text, ""
    else:
        base, sub = text[:cut].rstrip(), text[cut:].lstrip("_").strip()
        if text[cut] == "_" and not sub:
            return None
        sub = plain(sub)
        if not re.fullmatch(rf"[{LETTER}\d,_]+", sub):
            return None
    parts = _base(base)
    if parts is None:
        return None
    return join(parts[0], parts[1], sub)


def _outside_braces(text: str) -> int | None:
    depth = 0
    for i, c in enumerate(text):
        depth += (c == "{") - (c == "}")
        if depth == 0 and i and _SPLIT.match(text, i):
            return i
    return None


def _base(text: str) -> tuple[str, str] | None:
    """The letters of a name and its accent."""
    text = text.strip()
    if text.startswith("{") and group_end(text, 0) == len(text):
        return _base(text[1:-1])
    accent = ""
    if m := _COMBINING_RUN.search(text):
        accent, text = COMBINING[m[0][0]], text[: m.start()] + text[m.end():]
    if m := _COMMAND.match(text):
        rest = text[m.end():]
        if m[1] in FONTS or m[1] in ACCENTS:
            inner = _base(rest.replace(r"\_", "_"))
            mark = ACCENTS.get(m[1], "") or ("cal" if FONTS.get(m[1]) == "cal" else "")
            return (inner[0], "_".join(x for x in (inner[1], mark) if x)) if inner else None
        letter = COMMANDS.get(m[1], "").lstrip("\\")
        letter = GREEK.get(letter, letter)
        return (letter, accent) if not rest and LETTERS.fullmatch(letter) else None
    if not LETTERS.fullmatch(text):
        return None
    return GREEK.get(text, text), accent


def split(name: str) -> tuple[str, str]:
    """A canonical name as letters and subscript."""
    base, _, sub = name.partition("_")
    return base, sub


def ascii_alias(name: str) -> str:
    """The Python identifier that stands for a name where only ASCII can be used.

    >>> ascii_alias("λ_u"), ascii_alias("λ"), ascii_alias("X_1")
    ('lambda_u', 'lambda_', 'X_1')
    """
    text = "".join(GREEK_NAMES.get(c, c) for c in name)
    text = "".join(c if c.isascii() and c.isalnum() else "_" for c in text)
    return text + "_" if iskeyword(text) else text
