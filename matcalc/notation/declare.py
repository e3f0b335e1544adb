"""Declarations: `X ∈ R^{m×n}`, `A, B ∈ Sym(n)`, `x > 0`, `n ∈ N`, `f elementwise`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from matcalc.notation.characters import SUPERSCRIPTS
from matcalc.notation.dimension import Size, read_shape
from matcalc.notation.names import canonical
from matcalc.notation.source import Source

MEMBER = re.compile(
    r"∈|\\in(?![A-Za-z])|(?<=[\w}])\s+in\s+(?=\\|[RNZS]|Sym|SPD|Skew|Diag|Orth|Tril|Sparse|\{)"
)
RELATION = re.compile(
    r"(>=|>|≥|≻|⪰|\\geq?(?![A-Za-z])|\\gt(?![A-Za-z])|\\succ(?:eq)?(?![A-Za-z]))\s*0\s*$"
)
ELEMENTWISE = re.compile(r"(?<!\s)\s+elementwise\s*$")
_STRUCTURES = {
    "Sym": "sym",
    "SPD": "spd",
    "PD": "spd",
    "Skew": "skew",
    "Diag": "diag",
    "Orth": "orth",
    "O": "orth",
    "St": "orth",
    "Stiefel": "orth",
    "Tril": "tril",
    "S": "sym",
    "S_++": "spd",
}
_WORD = r"\\(?:mathbb|mathrm|mathbf|mathcal|operatorname|text|rm|mathsf)\s*"
_RAISED = "".join(map(chr, SUPERSCRIPTS))
_TIDY: list[tuple[re.Pattern[str], Any]] = [
    (
        re.compile(rf"\{{\s*{_WORD}([A-Za-z]+)\s*\}}|{_WORD}\{{\s*([A-Za-z]+)\s*\}}|{_WORD}([A-Za-z])"),
        r"\1\2\3",
    ),
    (re.compile(r"\\(Re|R|N|Z)(?![A-Za-z])"), lambda m: m[1][0]),
    (re.compile(r"\\([{}])"), r"\1"),
    (re.compile(r"\\times(?![A-Za-z])"), "×"),
    (re.compile(r"\\[,;:! ]|~|\\left|\\right|\$"), " "),
    (re.compile(r"\\lbrace"), "{"),
    (re.compile(r"\\rbrace"), "}"),
    (re.compile(rf"[{_RAISED}]+(?:\s*×\s*[{_RAISED}]+)?"), lambda m: f"^{{{m[0].translate(SUPERSCRIPTS)}}}"),
    (re.compile(r"^S\s*(\^\s*(?:\{[^{}]*\}|\w))\s*_\s*\{?\s*\+\+\s*\}?$"), r"S_{++}\1"),
]
_EXPONENT = r"\s*(?:\^\s*(?:\{(?P<brace>(?:[^{}]|\{[^{}]*\})*)\}|\((?P<round>[^()]*)\)|(?P<bare>[\w]+(?:\s*×\s*\w+)?)))"
_SIGN = r"(?P<sign{}>_\s*(?:\{{\s*(?:\+\+?|>\s*0|≥\s*0|>=\s*0)\s*\}}|\+\+?))?"
_REAL = re.compile("R" + _SIGN.format(1) + f"(?:{_EXPONENT})?" + r"\s*" + _SIGN.format(2) + r"\s*")
_BINARY = re.compile(r"(?P<sparse>Sparse\s*)?\{\s*0\s*,\s*1\s*\}" + f"(?:{_EXPONENT})?" + r"\s*")
_SPARSE = re.compile(rf"Sparse\s*(?:R\s*)?(?:{_EXPONENT}|\((?P<arguments>[^()]*)\))?\s*")
_STRUCTURE = re.compile(
    rf"(?P<name>S_\s*\{{?\+\+\}}?|[A-Z][A-Za-z]*)\s*(?:\((?P<arguments>[^()]*)\)|{_EXPONENT})?\s*"
)
_SEPARATOR = re.compile(r"(?<!\\),|(?<=[\s}\])])and(?=\s)|\\(?:text|mbox|textrm)\s*\{\s*and\s*\}")
_LEADING = re.compile(r"(?:\s|\\q?quad(?![A-Za-z])|\\[,;:! ]|\band\s|\blet\s)+")
SETS = "R^{m×n}, R^n, R, N, Sym(n), SPD(n), Skew(n), Diag(n), Orth(n), Orth(n,k), Tril(n), {0,1}^{m×n}, " \
    "Sparse^{m×n}"
_SET_ELSEWHERE = (
    (r"PSD|S_\{?\+", "SPD(n) for positive definite matrices; semidefinite ones are Sym(n)"),
    (r"[Tt]riu|U(?=\()", "Tril(n) is lower triangular; write U' for an upper triangular matrix"),
    (r"SO|SU|Gr", "Orth(n), or Orth(n,k) for X'X = I_k"),
    (r"C(?![a-z])", "everything is real: R^{m×n}"),
    (r"Z", "n ∈ N for a dimension, R^{m×n} for arrays"),
    (r"\[|\(", "bounds are not used in a derivation; x > 0 is understood"),
    (r"R_?\s*\+|R\s*>", "R_{+}^n, or x > 0"),
    (r"sym|spd|skew|diag|orth|tril|sparse", "sets begin with a capital letter: Sym(n), SPD(n), Diag(n)"),
)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What one declaration says of one name. `count` is n ∈ N, `function` is f elementwise."""

    name: str
    start: int
    end: int
    shape: tuple[Size, Size] | None = None
    facts: frozenset[str] = frozenset()
    count: bool = False
    function: bool = False


def is_declaration(text: str) -> bool:
    """Whether a statement declares something."""
    text = outside(text, 0, len(text))
    return bool(MEMBER.search(text) or RELATION.search(text) or ELEMENTWISE.search(text))


BLANK = "."


def outside(text: str, start: int, end: int) -> str:
    """The text with what stands in brackets blanked out; the brackets and all places stay."""
    if not any(c in text for c in "([{"):
        return text
    out, depth = list(text), 0
    for i in range(start, end):
        depth -= text[i] in ")]}"
        if depth > 0:
            out[i] = BLANK
        depth += text[i] in "([{"
    return "".join(out)


def declarations(source: Source, start: int, end: int, known: set[str]) -> list[Declaration]:
    """The declarations of one statement.

    Raises:
        ParseError: a name or a set that is none.
    """
    out: list[Declaration] = []
    waiting: list[tuple[str, int, int]] = []
    for first, last in items(source.text, start, end):
        text = source.text[first:last]
        if m := MEMBER.search(text):
            names = [*waiting, _name(source, first, first + m.start())]
            behind = first + m.end() + len(text[m.end():]) - len(text[m.end():].lstrip())
            what = _set(source, source.text[behind:last], behind, last, known)
        elif m := RELATION.search(text):
            names = [*waiting, _name(source, first, first + m.start())]
            what = {"facts": frozenset({"spd" if m[1] in ("≻", r"\succ") else "positive"})}
            if m[1] in ("⪰", r"\succeq"):
                what = {"facts": frozenset({"sym"})}
        elif m := ELEMENTWISE.search(text):
            names = [*waiting, _name(source, first, first + m.start())]
            what = {"function": True}
        else:
            waiting.append(_name(source, first, last))
            continue
        out += [Declaration(name, a, b, **what) for name, a, b in names]  # type: ignore[arg-type]
        waiting = []
    if waiting:
        raise source.error("this declares nothing", *waiting[0][1:], hint="X ∈ R^{m×n}")
    return out


def items(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The stretches between the commas that stand in no bracket (or between `and`), without space around them."""
    whole = outside(text, start, end)
    cuts = [(m.start(), m.end()) for m in _SEPARATOR.finditer(text, start, end) if whole[m.start()] != BLANK]
    tidy = []
    for a, b in zip([start, *(after for _, after in cuts)], [*(before for before, _ in cuts), end], strict=True):
        if m := _LEADING.match(text, a, b):
            a = m.end()
        while b > a and text[b - 1].isspace():
            b -= 1
        if a < b:
            tidy.append((a, b))
    return tidy


def _name(source: Source, start: int, end: int) -> tuple[str, int, int]:
    text = source.text[start:end]
    end -= len(text) - len(text.rstrip())
    name = canonical(text)
    if not text.strip():
        raise source.error("the name that is declared is missing", start, hint="a declaration is X ∈ R^{m×n}")
    if name is None:
        raise source.error(
            f"`{text.strip()}` is no name", start, max(end, start + 1), "a declaration is X ∈ R^{m×n}"
        )
    return name, start, end


def _set(source: Source, text: str, start: int, end: int, known: set[str]) -> dict[str, object]:
    """The shape and the facts that a set gives."""
    for pattern, by in _TIDY:
        text = pattern.sub(by, text)
    text = text.strip().rstrip(".")
    if text in ("N", "Z", "N_+", "N^+"):
        return {"count": True}
    try:
        if m := _REAL.fullmatch(text):
            facts = frozenset({"positive"} if m["sign1"] or m["sign2"] else ())
            if "^" in text and not _exponent(m).strip():
                raise ValueError("a dimension is missing")
            return {"shape": _shape(_exponent(m), known), "facts": facts}
        if m := _BINARY.fullmatch(text):
            return {
                "shape": _shape(_exponent(m), known),
                "facts": frozenset({"binary", *(["sparse"] if m["sparse"] else [])}),
            }
        if m := _SPARSE.fullmatch(text):
            raw = _exponent(m) or m["arguments"]
            return {"shape": _shape(raw, known) if raw else None, "facts": frozenset({"sparse"})}
        m = _STRUCTURE.fullmatch(text)
        name = re.sub(r"[\s{}]", "", m["name"]) if m else ""
        if m and name in _STRUCTURES:
            raw = m["arguments"] or _exponent(m)
            shape = None
            if raw:
                one = len(read_shape(raw.strip(), known)) == 1
                shape = _shape(raw, known)
                shape = (shape[0], shape[0]) if one else shape
                if shape[0] != shape[1] and _STRUCTURES[name] != "orth":
                    raise ValueError(f"{name} matrices are square: {name}(n)")
            return {"shape": shape, "facts": frozenset({_STRUCTURES[name]})}
    except ValueError as problem:
        raise source.error(str(problem), start, end) from None
    if not text:
        raise source.error("the set that the name belongs to is missing", start - 1, start, "X ∈ R^{m×n}")
    elsewhere = next((hint for pattern, hint in _SET_ELSEWHERE if re.match(pattern, text)), "")
    raise source.error(
        f"the set `{' '.join(text.split())}` is not known",
        start,
        end,
        elsewhere or SETS,
    )


def _exponent(m: re.Match[str]) -> str:
    return m["brace"] or m["round"] or m["bare"] or ""


def _shape(raw: str, known: set[str]) -> tuple[Size, Size]:
    if not raw.strip():
        return 1, 1
    sizes = read_shape(raw.strip(), known)
    if len(sizes) > 2:
        raise ValueError("a shape has one or two dimensions")
    if any(s == 0 for s in sizes):
        raise ValueError("a dimension is at least 1")
    rows, cols = (*sizes, 1)[:2]
    return rows, cols
