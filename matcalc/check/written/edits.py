"""What a line should say: small edits of what was typed, tried one after another until the line is true.

Every edit is a splice of the typed text, so that the answer is in the writer's own notation and names. The
common slips come first: a sign, a factor, a transpose, an order, then what is missing or too much.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

from matcalc.notation.syntax.surface import Node
from matcalc.notation.written.book import Formula

MAX_EDITS = 450
MAX_PAIRS = 120
_TRANSPOSES = (r"^\top", r"^{\top}", r"^{\intercal}", r"^\intercal", "^{T}", "^T", "^⊤", "ᵀ", "⊤", ".T", "'")
_TRANSPOSE_END = re.compile(r"(?:\^\s*\{?\s*(?:\\(?:top|intercal|prime)|T|⊤)\s*\}?|ᵀ|⊤|\.T|'|′)$")
_INVERSE_END = re.compile(r"(?:\^\s*\{?\s*[-−]\s*1\s*\}?|⁻¹)$")
_COEFFICIENT = re.compile(r"\s*(\\frac\s*\{\d+\}\s*\{\d+\}|\d+/\d+|\d+(?:\.\d+)?|½)")
_SIZED = re.compile(r"\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z])\s*")
_ATOMS = frozenset({"name", "d", "group", "call", "one"})
_BRACKETED = frozenset({"sum", "product", "had"})


@dataclass(frozen=True, slots=True)
class Edit:
    """A splice: what stands from `start` to `end` becomes `text`; `says` is the slip in words."""

    start: int
    end: int
    text: str
    says: str


@dataclass(frozen=True, slots=True)
class Style:
    """How the writer writes a transpose, a minus sign, a Hadamard product, and whether in LaTeX."""

    transpose: str
    minus: str
    hadamard: str
    latex: bool


def style_of(text: str) -> Style:
    """The writer's spelling, from everything that was typed."""
    latex = "\\" in text
    transpose = next((t for t in _TRANSPOSES if t in text), "^T" if latex else "'")
    hadamard = next(
        (h for h in ("\\odot ", "\\circ ", "⊙", "∘", ".*") if h.strip() in text), "\\circ " if latex else "∘"
    )
    return Style(transpose, "−" if "−" in text else "-", hadamard, latex)


def corrected(
    formula: Formula, names: list[str], style: Style, right: Callable[[str], bool], terms_first: bool = False
) -> tuple[str, str] | None:
    """The text with the smallest edit that makes it right, and the slip in words.

    With `terms_first` a term too much is tried before another number: where a gradient is zero, terms are
    proportional to one another.
    """
    text = formula.source.text
    single = list(_edits(formula.node, text, names, style, terms_first))[:MAX_EDITS]
    seen = {" ".join(text.split())}
    for edit in single:
        candidate = _spliced(text, (edit,))
        key = " ".join(candidate.split())
        if key not in seen:
            seen.add(key)
            if right(candidate):
                return _tidy(candidate, style), edit.says
    for pair in _pairs(single):
        candidate = _spliced(text, pair)
        if right(candidate):
            return _tidy(candidate, style), "; ".join(dict.fromkeys(e.says for e in pair))
    return None


def _pairs(edits: list[Edit]) -> Iterator[tuple[Edit, Edit]]:
    """Two edits of the same kind at different places."""
    count = 0
    for kind in ("transpose", "sign", "factor"):
        for a, b in combinations([e for e in edits if e.says.startswith(kind)], 2):
            if a.end <= b.start or b.end <= a.start:
                count += 1
                if count > MAX_PAIRS:
                    return
                yield a, b


def _spliced(text: str, edits: tuple[Edit, ...]) -> str:
    for e in sorted(edits, key=lambda e: e.start, reverse=True):
        text = text[: e.start] + e.text + text[e.end :]
    return text


def _tidy(text: str, style: Style) -> str:
    """The text without what edits leave over, with the writer's minus sign."""
    text = re.sub(r"^\+ ?", "", " ".join(text.split()))
    return re.sub(r"(?:(?<=\s)|^)-(?=[\s\w(])", style.minus, text)


# ── the edits, by kind ────────────────────────────────────────────────────────────────────────────────────
def _edits(root: Node, text: str, names: list[str], style: Style, terms_first: bool) -> Iterator[Edit]:
    nodes = list(_walk(root))
    rules = [_signs, _factors, _transposes, _orders, _inverses, _functions, _operators, _extra]
    if terms_first:
        rules.insert(1, rules.pop())
    for rule in rules:
        for node in nodes:
            yield from rule(node, text, style)
        if rule is _signs:
            yield from _whole_sign(root, text, style)
    yield from _whole_factor(root, text, style)
    for node in nodes:
        yield from _missing(node, text, names, style)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for x in node.args:
        yield from _walk(x)


def _piece(node: Node, text: str) -> str:
    return " ".join(_SIZED.sub("", text[node.start : node.end]).split())


def _gap(a: Node, b: Node, text: str, signs: str) -> int | None:
    """The place of an operator between two parts."""
    found = [i for i in range(a.end, b.start) if text[i] in signs]
    return found[0] if len(found) == 1 else None


def _signs(node: Node, text: str, style: Style) -> Iterator[Edit]:
    if node.kind != "sum":
        return
    for before, term in pairwise(node.args):
        at = _gap(before, term, text, "+-−")
        if at is not None:
            old, new = ("+", style.minus) if text[at] == "+" else ("−", "+")
            shown = "−" if new == style.minus else "+"
            yield Edit(at, at + 1, new, f"sign: {shown} {_piece(term, text)}, not {old} {_piece(term, text)}")
    first = node.args[0]
    if first.kind == "neg":
        inner = first.args[0]
        yield Edit(first.start, inner.start, "", f"sign: + {_piece(inner, text)}, not − {_piece(inner, text)}")
    elif text[first.start] in "-−":  # a number with its sign
        shown = " ".join(text[first.start + 1 : first.end].split())
        yield Edit(first.start, first.start + 1, "", f"sign: + {shown}, not − {shown}")
    else:
        shown = _piece(first, text)
        yield Edit(first.start, first.start, style.minus, f"sign: − {shown}, not + {shown}")


def _whole_sign(root: Node, text: str, style: Style) -> Iterator[Edit]:
    start = len(text) - len(text.lstrip())
    if text[start : start + 1] in "-−":
        yield Edit(start, start + 1, "", "sign: +, not −")
    elif root.kind == "sum":
        yield Edit(start, len(text), f"{style.minus}({text.strip()})", "sign: −, not + (of the whole)")
    else:
        yield Edit(start, start, style.minus, "sign: −, not +")


_NUMBERS = ("2", "", "1/2", "4", "3")


def _terms(root: Node) -> list[Node]:
    return list(root.args) if root.kind == "sum" else [root]


def _factors(node: Node, text: str, style: Style) -> Iterator[Edit]:
    """Another number where one stands; a 2 before a term without one."""
    if node.kind == "num":
        old = text[node.start : node.end]
        yield from (Edit(node.start, node.end, new, f"factor: {new or 1}, not {old}") for new in _NUMBERS if new != old)
    elif node.kind == "sum":
        for term in node.args:
            inner = term.args[0] if term.kind == "neg" else term
            if _COEFFICIENT.match(text[inner.start : inner.end]) is None:
                shown = _piece(inner, text)
                yield Edit(inner.start, inner.start, "2", f"factor: 2{shown}, not {shown}")
                yield Edit(inner.start, inner.start, _half(style), f"factor: 1/2 {shown}, not {shown}")


def _half(style: Style) -> str:
    return r"\frac{1}{2} " if style.latex else "1/2 "


def _whole_factor(root: Node, text: str, style: Style) -> Iterator[Edit]:
    start = len(text) - len(text.lstrip())
    start += text[start : start + 1] in ("-", "−")
    body = text[start:].strip()
    inner = f"({body})" if root.kind == "sum" else body
    for number, said in (("2", "2"), (_half(style), "1/2")):
        yield Edit(start, len(text), f"{number}{inner}", f"factor: {said} is missing")


def _transposes(node: Node, text: str, style: Style) -> Iterator[Edit]:
    shown = _piece(node, text)
    if node.kind == "T":
        inner = node.args[0]
        mark = _TRANSPOSE_END.search(text[: node.end], inner.end)
        if mark is not None:
            kept = _piece(inner, text)
            yield Edit(mark.start(), node.end, "", f"transpose: {kept}, not {shown}")
    elif node.kind in _ATOMS or _in_brackets(node, text):
        if _TRANSPOSE_END.match(text[node.end :]) is None and text[node.end : node.end + 1] not in ("^", "'", "ᵀ", "⁻"):
            yield Edit(
                node.end,
                node.end,
                style.transpose + _space(text, node.end, style),
                f"transpose: {shown}{style.transpose}, not {shown}",
            )
    elif node.kind == "pow" and node.value == -1 and (m := _INVERSE_END.search(text[: node.end], node.args[0].end)):
        base = _piece(node.args[0], text)
        new = "^{-T}" if style.latex or "^" in m[0] else "⁻ᵀ"
        yield Edit(m.start(), node.end, new, f"transpose: {base}{new}, not {shown}")


def _in_brackets(node: Node, text: str) -> bool:
    return node.kind in _BRACKETED and text[node.start : node.start + 1] == "("


def _space(text: str, at: int, style: Style) -> str:
    return " " if style.transpose[-1:].isalpha() and style.latex and text[at : at + 1].isalpha() else ""


def _orders(node: Node, text: str, style: Style) -> Iterator[Edit]:
    """Neighbours of a product exchanged; the first factor at the end."""
    if node.kind != "product" or any(s < 0 for s in node.value or ()):
        return
    parts = list(node.args)
    for a, b in pairwise(parts):
        old = text[a.start : b.end]
        new = _joined(text[b.start : b.end], text[a.end : b.start], text[a.start : a.end])
        yield Edit(a.start, b.end, new, f"order: {' '.join(new.split())}, not {' '.join(old.split())}")
    if len(parts) > 2:
        first, last = parts[0], parts[-1]
        for moved, rest in ((first, parts[1:]), (last, parts[:-1])):
            body, alone = text[rest[0].start : rest[-1].end], text[moved.start : moved.end]
            new = _joined(body, " ", alone) if moved is first else _joined(alone, " ", body)
            yield Edit(first.start, last.end, new, f"order: {' '.join(new.split())}, not {_piece(node, text)}")


def _joined(left: str, between: str, right: str) -> str:
    needs = left[-1:].isalnum() and right[:1].isalnum() and not between.strip()
    return f"{left}{between or (' ' if needs else '')}{right}"


def _inverses(node: Node, text: str, style: Style) -> Iterator[Edit]:
    shown = _piece(node, text)
    if node.kind == "pow" and node.value == -1 and (m := _INVERSE_END.search(text[: node.end], node.args[0].end)):
        yield Edit(m.start(), node.end, "", f"inverse: {_piece(node.args[0], text)}, not {shown}")
    elif node.kind == "name" or _in_brackets(node, text):
        if text[node.end : node.end + 1] in ("^", "⁻", "'", "ᵀ"):
            return
        inverse = "^{-1}" if style.latex else "⁻¹"
        yield Edit(node.end, node.end, inverse, f"inverse: {shown}{inverse}, not {shown}")


_TWINS = {
    "diag": "Diag",
    "Diag": "diag",
    "sin": "cos",
    "cos": "sin",
    "vec": "",
    "tr": "",
    "logdet": "det",
    "det": "logdet",
}


def _functions(node: Node, text: str, style: Style) -> Iterator[Edit]:
    """diag for Diag and back; a trace that is missing or too much."""
    if node.kind == "call":
        head = text[node.start : node.args[0].start] if node.args else ""
        for old, new in _TWINS.items():
            at = re.search(rf"(?<![A-Za-z]){old}(?![A-Za-z])", head)
            if at is not None:
                says = f"function: {new}, not {old}" if new else f"function: {old} is too much"
                yield Edit(node.start + at.start(), node.start + at.end(), new, says)
    if node.kind in ("product", "had"):
        name = r"\operatorname{tr}" if style.latex else "tr"
        yield Edit(node.start, node.end, f"{name}({text[node.start : node.end]})", "trace: tr is missing")
        eye = f"I {style.hadamard}({text[node.start : node.end]})"
        yield Edit(node.start, node.end, f"({eye})", "function: I∘ is missing")


def _operators(node: Node, text: str, style: Style) -> Iterator[Edit]:
    """∘ for the matrix product and back."""
    if node.kind == "had":
        for a, b in pairwise(node.args):
            new = f"{text[a.start : a.end]} {text[b.start : b.end]}"
            yield Edit(a.start, b.end, new, f"operator: the product {new}, not ∘")
    elif node.kind == "product":
        for a, b in pairwise(node.args):
            if a.kind != "num":
                new = f"{text[a.start : a.end]}{style.hadamard}{text[b.start : b.end]}"
                yield Edit(a.start, b.end, f"({new})", f"operator: {' '.join(new.split())}, not the matrix product")
        first, last = node.args[0], node.args[-1]
        if len(node.args) > 2 and first.kind != "num" and all(s > 0 for s in node.value or ()):
            rest = text[node.args[1].start : last.end]
            new = f"{text[first.start : first.end]}{style.hadamard}({rest})"
            yield Edit(first.start, last.end, f"({new})", f"operator: {' '.join(new.split())}, not the matrix product")


def _extra(node: Node, text: str, style: Style) -> Iterator[Edit]:
    """A factor or a term that is too much, or that stands once where it should stand twice."""
    parts = list(node.args)
    if node.kind in ("product", "had", "sum"):
        for i, x in enumerate(parts):
            if x.kind == "num" or len(parts) < 2:
                continue
            start, end = (parts[i - 1].end, x.end) if i else (x.start, parts[1].start)
            what = "term" if node.kind == "sum" else "factor"
            keep = style.minus if not i and node.kind == "sum" and "-" in text[x.end : parts[1].start] else ""
            yield Edit(start, end, keep, f"{what}: {_piece(x, text)} is too much")
            if node.kind == "product":
                yield Edit(x.end, x.end, " " + text[x.start : x.end], f"{what}: {_piece(x, text)} must stand twice")


def _missing(node: Node, text: str, names: list[str], style: Style) -> Iterator[Edit]:
    """A name that is missing beside a factor, in the matrix product or entry by entry."""
    if node.kind not in ("name", "T", "d", "call", "group") and not _in_brackets(node, text):
        return
    whole = text[node.start : node.end]
    for name in names:
        shown = name + style.transpose
        for new in (f"{whole} {name}", f"{whole} {shown} ", f"{name} {whole}", f"{shown} {whole}"):
            yield Edit(node.start, node.end, new, f"factor: {name if shown not in new else shown} is missing")
        yield Edit(node.start, node.end, f"({name}{style.hadamard}{whole})", f"factor: {name}∘ is missing")
