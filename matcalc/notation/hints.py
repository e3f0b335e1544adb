"""What a person may have meant: guesses behind a clash of shapes, and other tools' spellings.

Nothing here decides anything; a hint is only printed below an error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from matcalc.notation.building.terms import Var, find
from matcalc.notation.characters import COMMANDS, FONTS, INVISIBLE
from matcalc.notation.dimension import Size
from matcalc.notation.syntax.surface import Node, names_in

if TYPE_CHECKING:
    from matcalc.notation.building.builder import Builder, Typed

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
    "rao": "khatri_rao(A, B)",
    "einsum": "write the product, or sum_{i,j} with subscripts",
    "argmax": "an arg max has no gradient; logsumexp(x) and softmax(x) are smooth",
    "argmin": "an arg min has no gradient",
    "round": "it is piecewise constant and has no gradient",
    "floor": "it is piecewise constant and has no gradient",
    "conj": "everything is real here",
    "real": "everything is real here",
    "cross": "write the matrix of the cross product: [0, -a, b; a, 0, -c; -b, c, 0] x",
    "svd": "‖X‖_* is the sum of the singular values, ‖X‖_2 the largest one",
    "eig": "eigmax(X) and eigmin(X) of a symmetric matrix",
    "eigvals": "eigmax(X) and eigmin(X) of a symmetric matrix",
    "chol": "Cholesky factors are not part of the language",
    "cumsum": "Tril ones times x: name L ∈ R^{n×n} and write L x",
    "diff": "x[2:n] - x[1:n-1]",
    "linspace": "declare the vector: t ∈ R^n",
    "repmat": "x 1_n' repeats a column",
    "solve": "A^{-1}b",
    "concat": "[A, B] beside one another, [A; B] below one another",
    "hstack": "[A, B]",
    "vstack": "[A; B]",
    "clip": "min(max(x, a), b)",
    "where": "relu(x), step(x), max(x, y), min(x, y)",
    "norminf": "‖x‖_∞ or norm_inf(x)",
    "normf": "norm_F(X) or ‖X‖",
    "size": "a dimension is named by its letter: n",
    "length": "a dimension is named by its letter: n",
    "numel": "a dimension is named by its letter: n",
    "lambda": "λ is a letter",
    "grad": "a derivative is asked for by its variable; the text holds the function alone",
    "gradient": "a derivative is asked for by its variable; the text holds the function alone",
}
TYPED = "operators are + - * / : ∘ ⊘ ⊗ ' ^ and, in ASCII, .* for ∘, ./ for ⊘, ||x|| for ‖x‖"
# Characters of other languages.
CHARACTERS = {
    "∂": "a derivative is asked for by its variable, p.gradient(\"x\"); the text holds the function alone",
    "∇": "a gradient is asked for by its variable, p.gradient(\"x\"); the text holds the function alone",
    "∫": "integrals are not part of the language", "≤": "the text holds no inequality but x > 0",
    "≥": "x ≥ 0 stands alone, as a declaration", "!": "gamma functions: exp(lgamma(x + 1))",
    "∏": "a product over an index: exp of a sum of logarithms", "\"": "names need no quotes",
    "…": "a sum over an index is sum_{i=1}^{n} …", "⋯": "a sum over an index is sum_{i=1}^{n} …",
    "→": "the text holds the function alone: f(x) = …", "↦": "the text holds the function alone: f(x) = …",
    "∈": "a declaration stands by itself, or after the formula: …, X ∈ R^{m×n}",
    "≠": "the text holds no relation but = after a name", "≈": "the text holds no relation but = after a name",
    "~": "distributions are not part of the language", "∼": "distributions are not part of the language",
    "∛": "write a power: x^{1/3}", "±": "write the two formulas one after the other", "⊕": "A⊗I + I⊗B is written out",
    "∀": "declarations are X ∈ R^{m×n}", "?": "the text holds the function alone",
    "$": "$ stands around a whole formula", "#": "a comment begins with # and no digit",
    "⌊": "it is piecewise constant and has no gradient", "⌈": "it is piecewise constant and has no gradient",
    "ᴴ": "everything is real here: the transpose is ᵀ",
}
# LaTeX commands that are not in the language.
COMMANDS_ELSEWHERE = {
    **dict.fromkeys(("nabla", "partial", "differential"), CHARACTERS["∂"]),
    **dict.fromkeys(("ldots", "cdots", "dots", "vdots", "ddots", "dotsc", "dotsb"), CHARACTERS["…"]),
    **dict.fromkeys(("to", "rightarrow", "mapsto", "longrightarrow"), CHARACTERS["→"]),
    **dict.fromkeys(("le", "leq", "leqslant", "preceq", "prec"), CHARACTERS["≤"]),
    **dict.fromkeys(("ne", "neq", "approx", "propto", "simeq", "cong"), CHARACTERS["≠"]),
    **dict.fromkeys(("sim",), CHARACTERS["∼"]), **dict.fromkeys(("int", "iint", "oint"), CHARACTERS["∫"]),
    "prod": CHARACTERS["∏"], "over": "\\frac{…}{…}", "atop": "\\frac{…}{…}", "binom": "\\frac{…}{…}",
    "forall": CHARACTERS["∀"], "pm": CHARACTERS["±"], "oplus": CHARACTERS["⊕"], "lfloor": CHARACTERS["⌊"],
    "lceil": CHARACTERS["⌈"], "lim": "limits are not part of the language",
    "sup": "max_{x} …, or \\max", "ip": "⟨x, y⟩ or x'y", "braket": "⟨x, y⟩ or x'y",
}
_SLIP = re.compile(r"([^\W\d_])_([A-Za-z]{2,})(?![A-Za-z(])|(?<![A-Za-z_])([A-Z])1(?![\d_])")  # P_in, X1
_WORD = re.compile(r"[A-Za-z]+$")
_WORD_START = re.compile(r"[A-Za-z]+")
LATEX_WORDS = {"frac", "begin", "end", *COMMANDS, *INVISIBLE, *FONTS} - {"in"}
_METHOD = re.compile(r"\.(\w+)(\s*\()?")


def dot_hint(text: str, start: int) -> str:
    """What X.sum(), X.B and the like are here."""
    m = _METHOD.match(text, start)
    if text.startswith("...", start):
        return CHARACTERS["…"]
    if m is None:
        return "entry by entry: .* ./ .^"
    if m[1] in ELSEWHERE:
        return ELSEWHERE[m[1]]
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
    return text if re.fullmatch(r"\\?\w+|[(\[][^()\[\]]*[)\]]", text) or text[-1:] == "'" else f"({text})"


def turned(b: Builder, node: Node) -> str:
    """The text of a node's transpose."""
    if node.kind == "T":
        return short(b, node.args[0])
    text = short(b, node)
    return text[:-1] if text.endswith("'") else text + "'"


def of_letters(b: Builder, x: Node, y: Node) -> str:
    """Two letters side by side inside a word that is no name: the word is meant."""
    text = b.source.text
    if x.kind != "name" or y.kind != "name" or x.end != y.start:
        return ""
    run = _WORD.search(text[: y.end])
    word = (run[0] if run else "") + (rest[0] if (rest := _WORD_START.match(text, y.end)) else "")
    if len(word) < 3 or not word.isascii():
        return ""
    if word in LATEX_WORDS:
        return f"in LaTeX a word has its backslash: \\{word}"
    if word.lower() in ELSEWHERE:
        return f"`{word}` is no function of the language: {ELSEWHERE[word.lower()]}"
    after = text[y.end + (len(rest[0]) if rest else 0) :].lstrip()[:1]
    how = f"{word} elementwise" if after == "(" else f"{word} ∈ R^{{m×n}}"
    return f"`{word}` is read letter by letter; a name of several letters is declared: {how}"


def guess(b: Builder, operands: tuple[tuple[Node, Typed], ...], what: str) -> str:
    """A likely slip behind two shapes that do not go together."""
    greek = [n for node, _ in operands for n in names_in(node) if "α" <= n[0] <= "ω" and n not in b.declared
             and n not in b.definitions and n not in b.scalars]
    for node, _ in operands:
        if m := _SLIP.search(b.text(node)):
            return f"a subscript of several letters stands in braces: {m[1]}_{{{m[2]}}}" if m[1] else \
                f"{m[3]}1 is the name {m[3]}_1; the product with a vector of ones is {m[3]} 1"
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
    if found := of_letters(b, x, y):
        return found
    left, right = short(b, x), short(b, y)
    if left == "t" and right.startswith("(") and x.end == y.start:
        return f"the transpose is {right[1:-1]}'" if right[1:-1].isalnum() else "the transpose is A'"
    if left == "d" and x.kind == "name" and "d" not in b.declared:
        return "d is a letter here; a derivation with differentials is judged by verify"
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
