"""Names with an index: U_k = Reshape(u_k, n, 2), E_k = e_k⊗I, and decompositions C = Σ_k σ_k u_k v_kᵀ.

A family is written out where it is used, so that everything behind reads formulas of the language alone. A
decomposition into terms of rank one holds for σ_k any positive numbers, v_k the columns of any orthogonal
matrix Q and u_k = CQe_k/σ_k; lines that hold for those hold for every such decomposition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from matcalc.notation.written.clauses import Clause

MAX_TEXT = 4_000  # characters of a side after families are written out
_LETTER = r"\\?[A-Za-z]+?|[Α-Ωα-ω]"
_INDEXED = re.compile(rf"^\s*\{{?(?P<base>{_LETTER})\}}?_\{{?(?P<index>[a-z])\}}?\s*$")
_SUM = re.compile(
    r"(?:\\sum|∑|sum)_\{?\s*(?P<index>[a-z])(?!\s*(?:\\ne|≠|!=))"
    r"(?:\s*=\s*1\s*\}?\s*\^\s*(?:\{[^{}]*\}|\w))?\s*\}?"
)
_UNEQUAL = re.compile(
    r"(?:\\sum|∑|sum)_\{\s*(?P<i>[a-z])\s*(?:\\neq?(?![a-z])|≠|!=)\s*(?P<j>[a-z])\s*\}(?:\s|\\[,;! ])*"
)
_ENDS = re.compile(r"\\left(?![a-z])|\\right(?![a-z])|\\.|[-+−()\[\]{}]", re.S)
_RESHAPE = re.compile(
    r"\{\s*\\(?:rm|bf)\s+[Rr]eshape\s*\}|\\(?:operatorname|mathrm|text)\{[Rr]eshape\}|(?<![A-Za-z])[Rr]eshape(?=\s*\()"
)
_DELTA = re.compile(r"(?:\\delta|δ)_\{?\s*([a-z])\s*,?\s*([a-z])\s*\}?")
_EYE_OF = re.compile(r"(?<![A-Za-z\\])I_\{?([A-Z])\}?(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Family:
    """`base_index` stands for `body`, in which the index occurs."""

    base: str
    index: str
    body: str

    def written_out(self, text: str) -> str:
        """A text with the members of the family in brackets."""
        pattern = re.compile(rf"{re.escape(self.base)}_(?:\{{\s*([a-z])\s*\}}|([a-z]))|\\[A-Za-z]+")

        def member(m: re.Match[str]) -> str:
            index = m[1] or m[2]
            return f"({_with_index(self.body, self.index, index)})" if index else m[0]

        return pattern.sub(member, text)

    def folded(self, text: str) -> str:
        """A text with the members of the family as they are called."""
        for index in "ijklmn":
            text = text.replace(f"({_with_index(self.body, self.index, index)})", f"{self.base}_{index}")
        return text


def _with_index(body: str, old: str, new: str) -> str:
    body = re.sub(rf"_\{{\s*{old}\s*\}}", f"_{{{new}}}", body)
    return re.sub(rf"(?<=_){old}|(?<=[\[,\s]){old}(?=\s*[\],])", new, body)


def family(clause: Clause) -> Family | None:
    """The family that a clause defines, None where it defines none."""
    m = _INDEXED.match(clause.target.of)
    if clause.target.kind != "value" or m is None or m["base"] == "e" or not clause.sides:
        return None
    body, index = plain(clause.sides[0]), m["index"]
    if not re.search(rf"_\{{?\s*{index}|\[(?:[^\[\],]*,)?\s*{index}\s*[\],]", body):
        return None
    return Family(m["base"], index, body)


def entry(clause: Clause, known: set[str]) -> Clause:
    """A clause about s_j, an entry of a vector that is known, as one about s[j]."""
    m = _INDEXED.match(clause.target.of)
    if clause.target.kind != "value" or m is None or m["base"] not in known or m["index"] not in "ijkl":
        return clause
    spelled = re.compile(rf"(?<![A-Za-z\\]){re.escape(m['base'])}_(?:\{{\s*{m['index']}\s*\}}|{m['index']}(?![a-z]))")
    part = f"{m['base']}[{m['index']}]"
    sides = tuple(spelled.sub(lambda _: part, side) for side in clause.sides)
    return replace(clause, target=replace(clause.target, of=part), sides=sides)


def decomposition(clause: Clause, known: set[str]) -> tuple[list[Family], list[str]] | None:
    """The families of C = Σ_k σ_k u_k v_kᵀ, and what is declared for them; None where a clause is no such sum."""
    if clause.target.kind != "value" or not clause.sides:
        return None
    side = clause.sides[0].strip()
    m = _SUM.match(side)
    if m is None:
        return None
    k = m["index"]
    one = rf"\s*(?:\\[,;])?\s*\{{?({_LETTER})\}}?_\{{?{k}\}}?"
    rest = re.fullmatch(rf"{one}{one}{one}\s*(?:\^\s*\{{?(?:T|\\top|\\intercal)\}}?|ᵀ|')\s*", side[m.end() :])
    if rest is None or {rest[1], rest[2], rest[3]} & known:
        return None
    scale, left, right = rest[1], rest[2], rest[3]
    name = scale.lstrip("\\")
    weights, basis = f"s_{{{name}}}", f"Q_{{{right}}}"
    column = f"{basis} e_{k}"
    found = [
        Family(scale, k, f"{weights}[{k}]"),
        Family(right, k, column),
        Family(left, k, f"1/({weights}[{k}]) * ({clause.target.of}) {column}"),
    ]
    return found, [f"{weights} > 0", f"{basis} ∈ Orth"]


def plain(text: str) -> str:
    """A side in which Reshape is unvec and the bounds of sums are those of what they sum."""
    text = _RESHAPE.sub("unvec", text)
    return _DELTA.sub(r"(e_\1^T e_\2)", text)


def written_out(clause: Clause, families: list[Family], matrices: set[str]) -> Clause:
    """A clause with the members of all families written out, and I_Q as I for a matrix Q."""

    def change(text: str) -> str:
        text = plain(text)
        text = _EYE_OF.sub(lambda m: "I" if m[1] in matrices else m[0], text)
        before = ""
        while text != before and len(text) < MAX_TEXT:
            before = text
            for one in families:
                text = one.written_out(text)
        return (
            text
            if not families
            else _SUM.sub(lambda m: rf"\sum_{{{m['index']}}} ", text)
            if text != clause.text
            else text
        )

    target = replace(clause.target, of=change(clause.target.of)) if clause.target.kind == "value" else clause.target
    return replace(clause, target=target, sides=tuple(map(change, clause.sides)))


def free_indices(families: list[Family]) -> set[str]:
    """The letters that index families."""
    return {one.index for one in families}


def unequal_sums(text: str) -> list[tuple[int, int, str]]:
    r"""The sums over i ≠ j in a formula: place, and how they are written with a sum over all i.

    >>> unequal_sums(r"\sum_{i \neq j} x_i A[:,i] - y")
    [(0, 26, '(\\sum_{i} x_i A[:,i] - x[j] A[:,j])')]
    """
    out = []
    for m in _UNEQUAL.finditer(text):
        end = _body_end(text, m.end())
        body = text[m.end() : end].rstrip()
        i, j = m["i"], m["j"]
        other = re.sub(rf"_(?:\{{\s*{i}\s*\}}|{i}(?![a-z]))", f"[{j}]", body)
        other = re.sub(rf"(?<=[\[,:\s]){i}(?=\s*[\],])", j, other)
        out.append((m.start(), m.end() + len(body), rf"(\sum_{{{i}}} {body} - {other})"))
    return out


def _body_end(text: str, start: int) -> int:
    """Where the body of a sum ends: at a sign or a bracket of its own level."""
    depth = 0
    for m in _ENDS.finditer(text, start):
        if m[0] in ("(", "[", "{"):
            depth += 1
        elif m[0] in (")", "]", "}", "\\right"):
            depth -= m[0] != "\\right"
            if depth < 0 or m[0] == "\\right" and depth == 0:
                return m.start()
        elif m[0] in "+-−" and depth == 0:
            return m.start()
    return len(text)
