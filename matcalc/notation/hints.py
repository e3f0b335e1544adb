"""What a person may have meant: guesses behind a clash of shapes, and other tools' spellings.

Nothing here decides anything; a hint is only printed below an error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from matcalc.notation.dimension import Size
from matcalc.notation.surface import Node, names_in
from matcalc.notation.terms import Var, find

if TYPE_CHECKING:
    from matcalc.notation.builder import Builder, Typed

# Words of other tools that are no functions here, and what is written instead.
ELSEWHERE = {
    "mean": "sum(x)/n",
    "dot": "x'y",
    "vdot": "x'y",
    "outer": "x y'",
    "transpose": "X'",
    "hadamard": "A∘B",
    "multiply": "A∘B",
    "matmul": "A B",
    "rank": "the rank is piecewise constant and has no gradient",
    "prod": "exp(sum(log(x))) where x > 0",
    "logistic": "sigmoid(x)",
    "square": "x.^2, or x'x",
    "inverse": "X^{-1} or inv(X)",
    "diagm": "Diag(x)",
    "diagonal": "diag(X)",
    "zeros": "0_{m×n}",
    "ones": "1_n or 1_{m×n}",
    "reshape": "unvec(x, m, n)",
    "norm_fro": "‖X‖",
    "var": "‖x - 1 sum(x)/n‖²/n",
    "cov": "name the product: C := X'X/n",
    "power": "x.^2",
}
# Characters of other languages.
CHARACTERS = {
    "∂": "a derivative is asked for by its variable, p.gradient(\"x\"); the text holds the function alone",
    "∇": "a gradient is asked for by its variable, p.gradient(\"x\"); the text holds the function alone",
    "∫": "integrals are not part of the language", "≤": "the text holds no inequality but x > 0",
    "≥": "x ≥ 0 stands alone, as a declaration", "!": "gamma functions: exp(lgamma(x + 1))",
    "∏": "a product over an index: exp of a sum of logarithms", "\"": "names need no quotes",
}
_METHOD = re.compile(r"\.(\w+)(\s*\()?")


def dot_hint(text: str, start: int) -> str:
    """What X.sum(), X.B and the like are here."""
    m = _METHOD.match(text, start)
    if m is None:
        return "entry by entry: .* ./ .^"
    return (
        f"functions stand before their argument: {m[1]}(X)" if m[2] else f"a product is X {m[1]} or X*{m[1]}"
    )


def cut(text: str) -> str:
    """A piece of source for the middle of a sentence."""
    return text if len(text) <= 40 else text[:24] + "…" + text[-14:]


def could(a: Size, b: Size) -> bool:
    """Whether two sizes may be equal."""
    a, b = find(a), find(b)
    return a is b or a == b and type(a) in (str, int) or Var in (type(a), type(b)) and 1 not in (a, b)


def short(b: Builder, node: Node) -> str:
    """The text of a node, in brackets where it needs them before a postfix."""
    text = b.text(node)
    return text if re.fullmatch(r"\w+|[(\[][^()\[\]]*[)\]]", text) or text[-1:] == "'" else f"({text})"


def turned(b: Builder, node: Node) -> str:
    """The text of a node's transpose."""
    return short(b, node.args[0]) if node.kind == "T" else short(b, node) + "'"


def guess(b: Builder, operands: tuple[tuple[Node, Typed], ...], what: str) -> str:
    """A likely slip behind two shapes that do not go together."""
    greek = [n for node, _ in operands for n in names_in(node) if "α" <= n[0] <= "ω" and n not in b.declared
             and n not in b.definitions and n not in b.scalars]
    if len(operands) == 2:
        (x, s), (y, t) = operands
        found = _of_a_product(b, x, s, y, t) if "product" in what else ""
        if "product" not in what and not greek and could(s.rows, t.cols) and could(s.cols, t.rows):
            found = f"is a transpose missing? {turned(b, y)}"
        if found:
            return found
    if greek:
        return f"a small Greek letter is a scalar; for a vector declare {greek[0]} ∈ R^n"
    return ""


def _of_a_product(b: Builder, x: Node, s: Typed, y: Node, t: Typed) -> str:
    left, right = short(b, x), short(b, y)
    between = b.source.text[x.end: y.start].strip()
    if x.kind == "name" and right.startswith("(") and x.end == y.start and x.value not in b.declared:
        return f"for a function: `{left} elementwise`; for a product of two columns: {turned(b, x)} {right}"
    if find(s.cols) == 1 and find(t.cols) == 1 and find(s.rows) != 1:
        return f"two columns: {turned(b, x)} {right} is the inner product, {left}∘{right} entry by entry"
    if find(s.rows) == 1 and find(t.rows) == 1 and find(t.cols) != 1:
        return f"two rows: {left} {turned(b, y)} is the inner product"
    same = could(s.rows, t.rows) and could(s.cols, t.cols)
    if between in ("*", "·", "@") and same:
        return f"`{between}` is the matrix product; entry by entry it is {left}∘{right} (or {left}.*{right})"
    if same:
        either = f"{turned(b, x)} {right} or {left} {turned(b, y)}"
        return f"is a transpose missing? {either}; entry by entry: {left}∘{right}"
    if could(s.rows, t.rows):
        return f"is a transpose missing? {turned(b, x)} {right}"
    if could(s.cols, t.cols):
        return f"is a transpose missing? {left} {turned(b, y)}"
    return ""
