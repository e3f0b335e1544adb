"""How each notation spells the pieces of a formula: Unicode, plain ASCII, LaTeX.

A notation is a table of spellings and a few methods for what is not a word: names, powers, fractions, bars,
blocks. What is bracketed, and in which order things stand, is the printer's business and the same for all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from matcalc.core.algebra import Number
from matcalc.core.dims import Dim
from matcalc.core.tree import OPS, Op
from matcalc.notation.characters import GREEK, GREEK_NAMES

_SUPER = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUB = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_L = "A-Za-z\u0370-\u03ff\u0300-\u036f"
_TAIL = re.compile(f"[{_L}]+$")
_HEAD = re.compile(f"[{_L}]*")
_WORD_AT_END = re.compile(f"[{_L}]{{2,}}$|[{_L}]{{2,}}_.$|[{_L}]{{2,}}_{{[^{{}}]*}}$")
_BARE_EXPONENT = re.compile(r"\^-?\w+$")
_COMMAND_AT_END = re.compile(r"\\[A-Za-z]+$")


def words() -> frozenset[str]:
    """Every run of letters that the language reads as one word."""
    if not _WORDS:
        spelled = (s for op in OPS.values() for s in op.spellings)
        _WORDS.append(frozenset({*spelled, *GREEK, "eye", "ones", "in"}))
    return _WORDS[0]


_WORDS: list[frozenset[str]] = []


def merges(left: str, right: str, names: frozenset[str]) -> bool:
    """Whether letters at the end of `left` and at the start of `right` would be read as one word."""
    a, b = _TAIL.search(left), _HEAD.match(right)
    if a is None or b is None or not b.group():
        return False
    run, start = a.group() + b.group(), len(a.group())
    known = words()
    for i in range(start):
        for j in range(start + 1, len(run) + 1):
            if run[i:j] in known or run[i:j] in names:
                return True
    return False


@dataclass(frozen=True)
class Notation:
    """Unicode text, the notation of a blackboard."""

    name: str = "unicode"
    plus: str = " + "
    minus: str = " − "
    sign: str = "−"
    times: str = "·"
    colon: str = ":"
    hadamard: str = "∘"
    over_entries: str = "⊘"
    kron: str = "⊗"
    transpose: str = "ᵀ"
    inverse: str = "⁻¹"
    inverse_transpose: str = "⁻ᵀ"
    by: str = "×"
    one: str = "1"
    pi: str = "π"
    comma: str = ", "
    ellipsis: str = "…"
    prime: str = "′"
    dot: str = "·"

    # ── names and numbers
    def variable(self, name: str) -> str:
        """A canonical name such as `X`, `λ_u`, `X_1`, `P_in`."""
        base, _, index = name.partition("_")
        return self.letters(base) + self.subscript(index) if index else self.letters(base)

    def letters(self, base: str) -> str:
        """The name without its subscript."""
        return base

    def subscript(self, text: str) -> str:
        """A subscript."""
        if text.isdigit() and text.isascii():
            return text.translate(_SUB)
        return f"_{text}" if len(text) == 1 else f"_{{{text}}}"

    def differential(self, name: str) -> str:
        """dX."""
        return "d" + self.variable(name)

    def number(self, q: Number) -> str:
        """A rational number that is not negative."""
        return str(q)

    def dim(self, d: Dim) -> str:
        """A dimension as a subscript or an index."""
        return str(d).replace(" ", "")

    def sized(self, symbol: str, *dims: Dim) -> str:
        """A symbol with its size: I_n, 1_{m×n}."""
        if len(dims) == 1:
            text = self.dim(dims[0])
            return symbol + (f"_{text}" if len(text) == 1 else f"_{{{text}}}")
        return f"{symbol}_{{{self.by.join(map(self.dim, dims))}}}"

    # ── postfixes
    def power(self, base: str, q: Number) -> str:
        """A power of a scalar or a square matrix; the base is an atom."""
        if isinstance(q, int):
            return base + str(q).translate(_SUPER)
        return f"{base}^{{{q}}}"

    def entry_power(self, base: str, q: Number) -> str:
        """The entrywise power."""
        return f"{base}^{{∘{q}}}".replace("-", "−")

    # ── brackets
    def bracket(self, text: str) -> str:
        """Round brackets."""
        return f"({text})"

    def norm(self, text: str, kind: str = "") -> str:
        """‖x‖, with its kind as a subscript."""
        return f"‖{self._barred(text, '‖')}‖" + (f"_{kind}" if kind else "")

    def bars(self, text: str) -> str:
        """|x|."""
        return f"|{self._barred(text, '|')}|"

    def _barred(self, text: str, bar: str) -> str:
        return f"({text})" if bar in text else text

    def root(self, text: str, atom: bool) -> str:
        """The square root."""
        return f"√({text})"

    def call(self, op: Op | str, *arguments: str) -> str:
        """A function with its arguments."""
        return f"{self.function(op)}({self.comma.join(arguments)})"

    def function(self, op: Op | str) -> str:
        """The name of a function."""
        return op if isinstance(op, str) else op.unicode or op.name

    def grid(self, rows: list[list[str]]) -> str:
        """A block matrix."""
        return "[" + "; ".join(", ".join(row) for row in rows) + "]"

    def part(self, base: str, items: list[str]) -> str:
        """X[i, j]."""
        return f"{base}[{', '.join(items)}]"

    def indexed_sum(self, index: str, low: str, high: str, body: str) -> str:
        """Σ over an index."""
        return f"∑_{{{index}={low}}}^{{{high}}} {body}"

    # ── quotients and products
    def fraction(self, top: str, bottom: str) -> str:
        """A quotient whose parts are bracketed where they must be."""
        return f"{top}/{bottom}"

    stacked: bool = False  # whether `fraction` delimits its parts by itself

    def beside(self, left: str, right: str, names: frozenset[str] = frozenset()) -> str:
        """What stands between two factors so that they are read as two."""
        a, b = left[-1], right[0]
        if b == "[":
            return self.times
        if b.isdigit() or b == ".":
            return self.dot if a.isdigit() or a in "₀₁₂₃₄₅₆₇₈₉" else " " if a.isalpha() else ""
        if b == "(":
            return " " if a == ")" and _is_call(left) or _WORD_AT_END.search(left) else ""
        if not b.isalpha():
            return " " if b in "∑√" and a != "(" else ""
        if _is_word(right):
            return " "
        if a.isalpha() and (_WORD_AT_END.search(left) or merges(left, right, names)):
            return " "
        return ""


def _is_word(text: str) -> bool:
    head = _HEAD.match(text)
    return head is not None and len(head.group()) > 1


def _is_call(text: str) -> bool:
    """Whether the text ends in a call `tr(…)`: the bracket that closes last follows a letter."""
    depth = 0
    for i in range(len(text) - 1, -1, -1):
        if text[i] == ")":
            depth += 1
        elif text[i] == "(":
            depth -= 1
            if depth == 0:
                return i > 0 and text[i - 1].isalpha()
    return False


class Plain(Notation):
    """ASCII text, to be typed."""

    def letters(self, base: str) -> str:
        return "".join(GREEK_NAMES.get(c, c) for c in base)

    def subscript(self, text: str) -> str:
        spelled = self.letters(text)
        return f"_{spelled}" if len(spelled) == 1 or spelled.isdigit() else f"_{{{spelled}}}"

    def power(self, base: str, q: Number) -> str:
        return f"{base}^{q}" if isinstance(q, int) else f"{base}^({q})"

    def entry_power(self, base: str, q: Number) -> str:
        return f"{base}.^{q}" if isinstance(q, int) else f"{base}.^({q})"

    def norm(self, text: str, kind: str = "") -> str:
        return f"||{self._barred(text, '||')}||" + (f"_{kind}" if kind else "")

    def root(self, text: str, atom: bool) -> str:
        return f"sqrt({text})"

    def indexed_sum(self, index: str, low: str, high: str, body: str) -> str:
        return f"sum_{{{index}={low}}}^{{{high}}} {body}"

    def beside(self, left: str, right: str, names: frozenset[str] = frozenset()) -> str:
        if (right[0].isalnum() or right[0] == "(") and _BARE_EXPONENT.search(left):
            return " "
        return super().beside(left, right, names)


class Latex(Notation):
    """LaTeX with amsmath."""

    COMMANDS = frozenset("exp log sin cos tan sinh cosh tanh arcsin arccos arctan det max min".split())

    def letters(self, base: str) -> str:
        if base in GREEK_NAMES:
            return f"\\{GREEK_NAMES[base]}"
        return base if len(base) == 1 else f"\\mathrm{{{base}}}"

    def subscript(self, text: str) -> str:
        return f"_{{{''.join(self._symbol(c) for c in text)}}}"

    def _symbol(self, c: str) -> str:
        return f"\\{GREEK_NAMES[c]} " if c in GREEK_NAMES else c

    def number(self, q: Number) -> str:
        return str(q) if isinstance(q, int) else f"\\frac{{{q.numerator}}}{{{q.denominator}}}"

    def sized(self, symbol: str, *dims: Dim) -> str:
        return f"{symbol}_{{{self.by.join(map(self.dim, dims))}}}"

    def power(self, base: str, q: Number) -> str:
        return f"{base}^{{{q}}}" if len(str(q)) > 1 else f"{base}^{q}"

    def entry_power(self, base: str, q: Number) -> str:
        return f"{base}^{{\\circ {q}}}"

    def bracket(self, text: str) -> str:
        return f"\\left({text}\\right)" if _tall(text) else f"({text})"

    def norm(self, text: str, kind: str = "") -> str:
        return f"\\left\\|{text}\\right\\|" + (f"_{self._norm_kind(kind)}" if kind else "")

    def _norm_kind(self, kind: str) -> str:
        return "\\infty" if kind == "∞" else kind

    def bars(self, text: str) -> str:
        return f"\\left|{text}\\right|"

    def root(self, text: str, atom: bool) -> str:
        return f"\\sqrt{{{text}}}"

    def call(self, op: Op | str, *arguments: str) -> str:
        return self.function(op) + self.bracket(self.comma.join(arguments))

    def function(self, op: Op | str) -> str:
        name = op if isinstance(op, str) else op.name
        if isinstance(op, Op) and op.latex:
            return op.latex
        if name in self.COMMANDS:
            return f"\\{name}"
        return name if len(name) == 1 else f"\\operatorname{{{name.replace('_', chr(92) + '_')}}}"

    def grid(self, rows: list[list[str]]) -> str:
        return "\\begin{pmatrix}" + " \\\\ ".join(" & ".join(row) for row in rows) + "\\end{pmatrix}"

    def indexed_sum(self, index: str, low: str, high: str, body: str) -> str:
        return f"\\sum_{{{index}={low}}}^{{{high}}} {body}"

    def fraction(self, top: str, bottom: str) -> str:
        return f"\\frac{{{top}}}{{{bottom}}}"

    def beside(self, left: str, right: str, names: frozenset[str] = frozenset()) -> str:
        a, b = left[-1], right[0]
        if b.isdigit():
            return self.times if a.isdigit() else " "
        if b == "[":
            return self.times
        if not b.isalpha():
            return "\\," if _is_call(left) and b in "(\\" and not right.startswith("\\right") else ""
        if _COMMAND_AT_END.search(left) or a.isalpha() and merges(left, right, names):
            return " "
        return "\\," if right[0] == "d" and len(right) > 1 and a.isalpha() else ""


def _tall(text: str) -> bool:
    return any(s in text for s in ("\\frac", "\\begin", "\\sum", "\\left", "\\sqrt"))


NOTATIONS: dict[str, Notation] = {
    "unicode": Notation(),
    "plain": Plain(
        name="plain", minus=" - ", sign="-", times=" * ", hadamard=" .* ", over_entries="./", kron=" \\otimes ", transpose="'",
        inverse="^-1", inverse_transpose="^-T", by=" x ", pi="pi", prime="'", dot=" * ", ellipsis="..."),
    "latex": Latex(
        name="latex", minus=" - ", sign="-", times=" \\cdot ", hadamard=" \\odot ", over_entries=" \\oslash ", kron=" \\otimes ",
        transpose="^\\top", inverse="^{-1}", inverse_transpose="^{-\\top}", by=" \\times ", one="\\mathbf{1}", pi="\\pi",
        dot=" \\cdot ", ellipsis="\\ldots", colon=" : ", stacked=True),
}


def half(q: Number) -> Number:
    """q/2, an integer where it is one."""
    found = Fraction(q) / 2
    return found.numerator if found.denominator == 1 else found
