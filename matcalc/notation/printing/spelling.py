"""How each notation spells the pieces of a formula: Unicode, plain ASCII, LaTeX.

A notation is a table of spellings and a few methods for what is not a word: names, powers, fractions, bars,
blocks. What is bracketed, and in which order things stand, is the printer's business and the same for all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from matcalc.core.algebra import Number
from matcalc.core.dims import Dim
from matcalc.core.tree import OPS, Op
from matcalc.notation.characters import ACCENTS, COMBINING, GREEK, GREEK_NAMES, SUPERSCRIPTS
from matcalc.notation.names import LETTER
from matcalc.notation.scope import WRITTEN

_SUPER = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUB = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_MARK = {name: mark for mark, name in reversed(COMBINING.items())}
_RUN_AT_END = re.compile(f"[{LETTER}]+$")
_RUN_AT_START = re.compile(f"[{LETTER}]+(?:_[a-z]{{2,}})?")  # softmax_rows
_WORD = re.compile(rf"[{LETTER}]{{2,}}(?:_\w|_{{[^{{}}]*}}|[₀-₉]+)?$")
_COMMAND_AT_END = re.compile(r"\\[A-Za-z]+$")
_BARE_EXPONENT = re.compile(r"\^[-−]?[\w.]+$")
_WORDS: list[frozenset[str]] = []
_MARKS = {"d": "d", "δ": "δ", "\\delta ": "δ"}  # how differentials are marked, and the name that this would be


def words() -> frozenset[str]:
    """Every run of letters that the language reads as one word."""
    if not _WORDS:
        spelled = (s for op in OPS.values() for s in op.spellings)
        _WORDS.append(frozenset({*spelled, *OPS, *WRITTEN, *GREEK}))
    return _WORDS[0]


def merges(left: str, right: str, names: frozenset[str]) -> bool:
    """Whether letters at the end of `left` and at the start of `right` would be read as one word."""
    a, b = _RUN_AT_END.search(left), _RUN_AT_START.match(right)
    if a is None or b is None:
        return False
    run, middle, known = a.group() + b.group(), len(a.group()), words()
    ends = range(middle + 1, len(run) + 1)
    return any(run[i:j] in known or run[i:j] in names for i in range(middle) for j in ends)


def exponent(q: Number, brackets: str = "{}") -> str:
    """An exponent in a line of text: 2, 1.5, {2/3}."""
    if q.denominator > 2:
        return f"{brackets[0]}{q}{brackets[1]}"
    return str(q) if q.denominator == 1 else str(float(q))


def is_letter(c: str) -> bool:
    """Whether a character can be part of a name (ᵀ cannot)."""
    return _RUN_AT_START.match(c) is not None


def starts_with_word(text: str, names: frozenset[str]) -> bool:
    """Whether the text starts with a function or a name of several letters."""
    head = _RUN_AT_START.match(text)
    return head is not None and len(head.group()) > 1 and (head.group() in words() or head.group() in names)


def starts_with_differential(text: str, names: frozenset[str]) -> bool:
    """Whether the text starts with dX, or with δX."""
    mark = next((m for m, name in _MARKS.items() if text.startswith(m)), "")
    return bool(mark) and _MARKS[mark] not in names and is_letter(text[len(mark) : len(mark) + 1])


def is_call(text: str) -> bool:
    """Whether the text ends in a call `tr(…)`: the bracket that closes last follows a name."""
    depth = 0
    for i in range(len(text) - 1, -1, -1):
        depth += (text[i] == ")") - (text[i] == "(")
        if depth == 0:
            return text[i] == "(" and i > 0 and (is_letter(text[i - 1]) or text[i - 1] == "}")
    return False


@dataclass(frozen=True)
class Notation:
    """Unicode text, the notation of a blackboard; the other notations override what they spell otherwise."""

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
    pseudo_inverse: str = "⁺"
    by: str = "×"
    one: str = "1"
    infinity: str = "∞"
    prime: str = "′"
    mark: str = "d"  # of a differential
    stacked: bool = False  # whether a fraction delimits its parts by itself
    spelled: Mapping[str, Dim] = field(default_factory=dict)  # dimensions that stand for differences

    # ── names and numbers ─────────────────────────────────────────────────────────────────────────────────
    def marked(self, mark: str) -> Notation:
        """The same notation with another mark for differentials."""
        return self if mark == self.mark else replace(self, mark=self.letters(mark) + " " * self.stacked)

    def variable(self, name: str) -> str:
        """A canonical name such as `X`, `λ_u`, `X_1`, `P_in`, `x_hat`."""
        base, *rest = name.split("_")
        out = self.letters(base)
        while rest and (accented := self.accent(out, rest[0])) is not None:
            out = accented
            rest.pop(0)
        return out + self.subscript("_".join(rest)) if rest else out

    def letters(self, base: str) -> str:
        """The letters of a name."""
        return base

    def accent(self, base: str, name: str) -> str | None:
        """The letter with an accent, None for what is a plain subscript."""
        return base + _MARK[name] if name in _MARK and len(base) == 1 else None

    def subscript(self, text: str) -> str:
        """A subscript."""
        return text.translate(_SUB) if text.isdecimal() else self.group(text)

    def group(self, text: str) -> str:
        """A subscript that is not raised to small letters."""
        return f"_{text}" if len(text) == 1 else f"_{{{text}}}"

    def number(self, q: Number) -> str:
        """A rational number that is not negative."""
        return str(q)

    def dim(self, d: Dim) -> str:
        """A dimension as a subscript or an index."""
        return str(d.subs(self.spelled)).replace(" ", "")

    def sized(self, symbol: str, *dims: Dim) -> str:
        """A symbol with its size: I_n, 1_{m×n}."""
        texts = [f"({text})" if "-" in text and len(dims) > 1 else text for text in map(self.dim, dims)]
        return symbol + self.group(self.by.join(texts))

    # ── postfixes ─────────────────────────────────────────────────────────────────────────────────────────
    def power(self, base: str, q: Number) -> str:
        """A power of a scalar or a square matrix; the base is an atom."""
        return base + str(q).translate(_SUPER) if isinstance(q, int) else f"{base}^{exponent(q).replace('-', '−')}"

    def entry_power(self, base: str, q: Number) -> str:
        """The entrywise power."""
        return f"{base}.^{exponent(q).replace('-', '−')}"

    def raised(self, base: str, power: str, entrywise: bool) -> str:
        """A power whose exponent is a formula."""
        return f"{base}{'.' if entrywise else ''}^{power if len(power) == 1 else f'{{{power}}}'}"

    def part(self, base: str, items: list[str]) -> str:
        """X[i, j]."""
        return f"{base}[{', '.join(items)}]"

    # ── brackets ──────────────────────────────────────────────────────────────────────────────────────────
    def bracket(self, text: str) -> str:
        """Round brackets."""
        return f"({text})"

    def norm(self, text: str, kind: str = "") -> str:
        """‖x‖, with its kind as a subscript; bars inside bars are bracketed."""
        return f"‖{f'({text})' if '‖' in text else text}‖" + (f"_{kind}" if kind else "")

    def bars(self, text: str) -> str:
        """|x|."""
        return f"|({text})|" if "|" in text else f"|{text}|"

    def root(self, text: str) -> str:
        """The square root."""
        return f"√({text})"

    def call(self, op: Op | str, *arguments: str) -> str:
        """A function with its arguments."""
        return f"{self.function(op)}({', '.join(arguments)})"

    def function(self, op: Op | str) -> str:
        """The name of a function."""
        return op if isinstance(op, str) else op.unicode or op.name

    def grid(self, rows: list[list[str]]) -> str:
        """A block matrix."""
        return "[" + "; ".join(", ".join(row) for row in rows) + "]"

    def indexed_sum(self, index: str, low: str, high: str, body: str) -> str:
        """The sum over an index."""
        return f"∑_{{{index}={low}}}^{{{high}}} {body}"

    # ── quotients and products ────────────────────────────────────────────────────────────────────────────
    def fraction(self, top: str, bottom: str) -> str:
        """A quotient whose parts are bracketed where they must be."""
        return f"{top}/{bottom}"

    def beside(self, out: str, last: str, right: str, names: frozenset[str]) -> str:
        """What stands between a product `out` that ends with the factor `last` and the factor `right`."""
        a, b = last[-1], right[0]
        if b == "[" or (b.isdecimal() and (a.isdecimal() or a in "₀₁₂₃₄₅₆₇₈₉")):
            return self.times
        if b == "(":
            return " " if _WORD.match(last) or is_call(last) or _BARE_EXPONENT.search(last) else ""
        if _BARE_EXPONENT.search(last) and (is_letter(b) or b.isdecimal()):
            return " "
        if b in "∑√" or b.isdecimal():
            return " " if is_letter(a) or is_call(last) else ""
        if not is_letter(b):
            return ""
        if starts_with_word(right, names) or _WORD.match(last):
            return " "
        apart = starts_with_differential(right, names) or last[0] in "01‖" or merges(out, right, names)
        return " " if apart and (is_letter(a) or last[-2:-1] == "_") else ""


def _caret(text: str) -> str:
    """n^2 for n²."""
    return re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: "^" + m[0].translate(SUPERSCRIPTS), text)


class Plain(Notation):
    """ASCII text, to be typed."""

    def letters(self, base: str) -> str:
        return "".join(GREEK_NAMES.get(c, c) for c in base)

    def accent(self, base: str, name: str) -> str | None:
        return f"\\{name}{{{base}}}" if name in _MARK else None

    def subscript(self, text: str) -> str:
        spelled = self.letters(text)
        return f"_{spelled}" if len(spelled) == 1 or spelled.isdecimal() else f"_{{{spelled}}}"

    def dim(self, d: Dim) -> str:
        return _caret(super().dim(d))

    def power(self, base: str, q: Number) -> str:
        return f"{base}^{exponent(q, '()')}"

    def entry_power(self, base: str, q: Number) -> str:
        return f"{base}.^{exponent(q, '()')}"

    def norm(self, text: str, kind: str = "") -> str:
        return f"||{f'({text})' if '|' in text else text}||" + (f"_{kind}" if kind else "")

    def root(self, text: str) -> str:
        return f"sqrt({text})"

    def indexed_sum(self, index: str, low: str, high: str, body: str) -> str:
        return f"sum_{{{index}={low}}}^{{{high}}} {body}"

    def beside(self, out: str, last: str, right: str, names: frozenset[str]) -> str:
        if (right[0].isalnum() or right[0] == "(") and (_BARE_EXPONENT.search(last) or last[-2:-1] == "_"):
            return " "
        return super().beside(out, last, right, names)


class Latex(Notation):
    """LaTeX with amsmath."""

    COMMANDS = frozenset({"exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos",
                          "arctan", "det", "max", "min"})

    def letters(self, base: str) -> str:
        if base in GREEK_NAMES:
            return f"\\{GREEK_NAMES[base]}"
        return base if len(base) == 1 else f"\\mathrm{{{base}}}"

    def accent(self, base: str, name: str) -> str | None:
        if name == "cal":
            return f"\\mathcal{{{base}}}"
        return f"\\{name}{{{base}}}" if name in ACCENTS else None

    def subscript(self, text: str) -> str:
        return self.group("".join(f"\\{GREEK_NAMES[c]} " if c in GREEK_NAMES else c for c in text).strip())

    def group(self, text: str) -> str:
        return f"_{{{text}}}"

    def number(self, q: Number) -> str:
        return str(q) if isinstance(q, int) else self.fraction(str(q.numerator), str(q.denominator))

    def dim(self, d: Dim) -> str:
        return _caret(super().dim(d))

    def power(self, base: str, q: Number) -> str:
        return f"{base}^{q}" if len(str(q)) == 1 else f"{base}^{{{q}}}"

    def entry_power(self, base: str, q: Number) -> str:
        return f"{base}^{{\\circ {q}}}"

    def bracket(self, text: str) -> str:
        return f"\\left({text}\\right)" if _is_tall(text) else f"({text})"

    def norm(self, text: str, kind: str = "") -> str:
        return f"\\left\\|{text}\\right\\|" + (self.group(kind) if kind else "")

    def bars(self, text: str) -> str:
        return f"\\left|{text}\\right|"

    def root(self, text: str) -> str:
        return f"\\sqrt{{{text}}}"

    def call(self, op: Op | str, *arguments: str) -> str:
        return self.function(op) + self.bracket(", ".join(arguments))

    def function(self, op: Op | str) -> str:
        if isinstance(op, Op):
            return op.latex or (f"\\{op.name}" if op.name in self.COMMANDS else self.function(op.name))
        return f"\\operatorname{{{op}}}".replace("_", "\\_")

    def grid(self, rows: list[list[str]]) -> str:
        return "\\begin{pmatrix} " + " \\\\ ".join(" & ".join(row) for row in rows) + " \\end{pmatrix}"

    def indexed_sum(self, index: str, low: str, high: str, body: str) -> str:
        return f"\\sum_{{{index}={low}}}^{{{high}}} {body}"

    def fraction(self, top: str, bottom: str) -> str:
        return f"\\frac{{{top}}}{{{bottom}}}"

    def beside(self, out: str, last: str, right: str, names: frozenset[str]) -> str:
        a, b = last[-1], right[0]
        if b == "[" or (b.isdecimal() and (a.isdecimal() or is_letter(a))):
            return self.times
        if not is_letter(b):
            return "\\," if b == "(" and is_call(last) else ""
        if _COMMAND_AT_END.search(last) or (is_letter(a) and merges(out, right, names)):
            return " "
        return "\\," if _WORD.match(last) or (starts_with_differential(right, names) and is_letter(a)) else ""


def _is_tall(text: str) -> bool:
    return any(command in text for command in ("\\frac", "\\begin", "\\sum", "\\left", "\\sqrt"))


NOTATIONS: dict[str, Notation] = {
    "unicode": Notation(),
    "plain": Plain(
        name="plain", minus=" - ", sign="-", times=" * ", hadamard=" .* ", over_entries=" ./ ", kron="",
        transpose="'", inverse="^-1", inverse_transpose="^-T", pseudo_inverse="", by=" x ", infinity="{inf}",
        prime="'"),
    "latex": Latex(
        name="latex", minus=" - ", sign="-", times=" \\cdot ", colon=" : ", hadamard=" \\odot ",
        over_entries=" \\oslash ", kron=" \\otimes ", transpose="^\\top", inverse="^{-1}",
        inverse_transpose="^{-\\top}", pseudo_inverse="^{+}", by=" \\times ", one="\\mathbf{1}",
        infinity="\\infty", prime="'", stacked=True),
}
