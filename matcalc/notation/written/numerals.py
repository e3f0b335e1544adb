"""Arrays of numbers as people write them: (1, 2), [1.5, −2], [[1, 0], [0, 1]], a pmatrix of numbers."""

from __future__ import annotations

import re
from fractions import Fraction

_NUMBER = r"[-+]?\s*(?:\d+(?:\.\d+)?|\.\d+)(?:\s*/\s*\d+)?"
_ONE = re.compile(_NUMBER)
_MATRIX = re.compile(
    r"\\begin\s*\{[bpv]?matrix\}(?P<body>.*)\\end\s*\{[bpv]?matrix\}|\\[bp]?matrix\s*\{(?P<short>.*)\}", re.S
)
_SIZE = re.compile(r"\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z])|\\[,;! ]|~")
_TRANSPOSE = re.compile(r"\s*(?:\^\s*\{?\s*(?:T|\\top|\\intercal)\s*\}?|ᵀ|')\s*$")

Rows = tuple[tuple[Fraction, ...], ...]


def numbers(text: str) -> Rows | None:
    r"""The rows of an array of numbers, a flat list as a column; None for any other text.

    >>> numbers("(1, −2)"), numbers("[[1, 1], [.5, 0]]")
    (((Fraction(1, 1),), (Fraction(-2, 1),)), ((Fraction(1, 1), Fraction(1, 1)), (Fraction(1, 2), Fraction(0, 1))))
    >>> numbers("2A"), numbers(r"\begin{pmatrix} 1 & 2 \end{pmatrix}")
    (None, ((Fraction(1, 1), Fraction(2, 1)),))
    """
    text = _SIZE.sub(" ", text.replace("−", "-")).strip()
    turned = _TRANSPOSE.search(text)
    text = text[: turned.start()] if turned else text
    if m := _MATRIX.fullmatch(text):
        found = [re.split(r"&", row) for row in re.split(r"\\\\|\\cr(?![a-z])", m["body"] or m["short"]) if row.strip()]
        return _rows(found)
    if text[:1] + text[-1:] not in ("[]", "()"):
        return None
    inside = text[1:-1].strip()
    if inside[:1] in ("[", "("):
        nested = re.findall(r"[\[(]([^\[\]()]*)[\])]", inside)
        alone = re.sub(r"[\[(][^\[\]()]*[\])]", "", inside)
        return _rows([row.split(",") for row in nested]) if not alone.strip(" ,;\n") else None
    listed = [row.split(",") for row in inside.split(";") if row.strip()]
    if len(listed) == 1 and len(listed[0]) > 1:
        return _rows([[x] for x in listed[0]])  # a flat list is a column
    return _rows(listed) if len(listed) > 1 else None


def _rows(texts: list[list[str]]) -> Rows | None:
    if not texts or len({len(row) for row in texts}) != 1:
        return None
    if not all(_ONE.fullmatch(x.strip()) for row in texts for x in row):
        return None
    return tuple(tuple(Fraction(x.replace(" ", "")) for x in row) for row in texts)
