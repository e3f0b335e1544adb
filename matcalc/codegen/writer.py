"""Writing a program as statements: what is named, what stays inside a line, what is updated in place.

An array that is used twice gets a name (the derivation's, where it has one); an array that is used once stays
inside its line while the line is short. Nothing here knows a target but by its table.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from string import ascii_lowercase

from matcalc.codegen.arguments import dim_text
from matcalc.codegen.names import Names, function_keyword, suggested_name
from matcalc.codegen.target import ANY, ATOM, PRODUCT, SIGN, SUM, Form, Target
from matcalc.core.dims import Dim
from matcalc.core.tree import OPS
from matcalc.ir import Array, Program, walk

LONGEST = 88
TRIVIAL = ("input", "number", "constant", "size")
UPDATES = {"multiply": "*", "add": "+", "subtract": "-", "divide": "/"}
CONSTANTS = ("number", "constant", "size")
STRETCHING = ("add", "subtract", "multiply", "divide", "maximum", "minimum")
LIGHT_VIEWS = ("transpose", "column", "row")
Text = tuple[str, int]  # an expression in the target's language and its precedence


class Writer:
    """The statements of one program."""

    def __init__(self, program: Program, target: Target, names: Names, dims: Mapping[str, str],
                 hints: Mapping[Array, str], results: Mapping[Array, str]) -> None:
        self.target, self.names, self.dims, self.hints, self.results = target, names, dims, hints, results
        self.lines: list[str] = []
        self.used: set[str] = set()  # words of the target that occur
        self.texts: dict[Array, Text] = {}
        self.nodes = list(walk(*program.roots))
        self.uses = Counter(a for x in self.nodes for a in x.args)
        self.uses.update(program.roots)
        self.reader = {a: x for x in self.nodes for a in x.args}  # the only one, where an array is used once
        self.owned: set[Array] = set()  # arrays with a name that may be overwritten
        self.named: set[Array] = set()  # results whose name stands for an array, perhaps for what becomes the result
        for x in reversed(self.nodes):  # a view costs nothing: who reads it reads the array
            if x.name in LIGHT_VIEWS:
                self.uses[x.args[0]] += self.uses[x] - 1

    # ── statements ────────────────────────────────────────────────────────────────────────────────────────
    def result(self, x: Array, name: str, fresh: bool) -> str:
        """Write what computes a result; returns the name that holds it, an array that nobody else holds."""
        self._prepare(x)
        text = self.texts[x]
        if x.rank and (not is_ours(x) or not fresh):
            text = (f"{self._bracket(text, ATOM)}.copy()", ATOM)
        elif not x.rank and x.name in TRIVIAL and x.name != "input":
            text = (f"{self._word('dtype')}.type({text[0]})", ATOM)
        if text[0].isidentifier() and x.name != "input":
            return text[0]
        self.lines.append(f"{name} = {text[0]}")
        return name

    def _prepare(self, root: Array) -> None:
        for x in walk(root):
            if x not in self.texts:
                self.texts[x] = self._written(x)

    def _written(self, x: Array) -> Text:
        if x.name == "add_diagonal" and self.target.updates_in_place:
            return self._diagonal_update(x)
        if self._is_reverse_difference(x):
            return self._reverse_difference(x)
        if (mine := self._overwritten(x)) is not None:
            return self._update(x, mine)
        text = self._expression(x)
        if len(text[0]) > LONGEST:
            self._shorten(x)
            text = self._expression(x)
        return self._name(x, text[0]) if self._must_be_named(x) else text

    def _must_be_named(self, x: Array) -> bool:
        if x.name in TRIVIAL or x.name in LIGHT_VIEWS:
            return False
        return (
            self.uses[x] > 1
            or x in self.hints
            or x in self.results
            or self.target.forms.get(x.name, _PLAIN).template.count("{0}") > 1
        )

    def _name(self, x: Array, text: str) -> Text:
        name = self._new_name(x, {a: self.texts[a][0] for a in x.args})
        self.lines.append(f"{name} = {text}")
        return name, ATOM

    def _new_name(self, x: Array, texts: Mapping[Array, str]) -> str:
        if x in self.results and x not in self.named:
            self.named.add(x)
            return self.results[x]
        return self.names.fresh(self.hints.get(x, "") or suggested_name(x, texts))

    def _shorten(self, x: Array) -> None:
        """Give names to the longest parts of a line until it is short."""
        for a in sorted(x.args, key=lambda a: -len(self.texts[a][0])):
            if len(self._expression(x)[0]) <= LONGEST or len(self.texts[a][0]) <= 12:
                return
            self.texts[a] = self._name(a, self.texts[a][0])

    # ── updates in place ──────────────────────────────────────────────────────────────────────────────────
    def _own(self, x: Array, user: Array) -> str:
        """A name for an array that may be overwritten: itself where only `user` reads it, else a copy."""
        text = self.texts[x]
        if not self._is_free(x):
            text = (f"{self._bracket(text, ATOM)}.copy()", ATOM)
        while (
            self.uses[user] == 1
            and user not in self.results
            and user not in self.hints
            and self._takes_over(user)
        ):
            user = self.reader[user]
        name = self._new_name(user, {})
        self.lines.append(f"{name} = {text[0]}")
        return name

    def _takes_over(self, x: Array) -> bool:
        """Whether the only reader of a matrix can be written into its memory."""
        u = self.reader.get(x)
        return (
            u is not None
            and u.name in UPDATES
            and u.shape == x.shape
            and (u.args[0] is x or u.name in ("multiply", "add"))
        )

    def _overwritten(self, x: Array) -> Array | None:
        """The operand whose memory an entrywise result takes: one with a name that nobody else reads."""
        free = [a for a in x.args if a in self.owned and a not in self.hints
                and self.uses[a] == 1 and self.reader[a] is x and self._takes_over(a)]
        return min(free, key=lambda a: self.texts[a][0] != self.results.get(x), default=None)

    def _update(self, x: Array, mine: Array) -> Text:
        other = x.args[1] if x.args[0] is mine else x.args[0]
        text = self.texts[other.args[0] if other.name == "row" else other][0]
        self.lines.append(f"{self.texts[mine][0]} {UPDATES[x.name]}= {text}")
        self.owned.add(x)
        return self.texts[mine]

    def _is_free(self, x: Array) -> bool:
        """Whether an array is new and has one reader, also through the views of it."""
        while x.operation.view and self.uses[x] == 1:
            x = x.args[0]
        return self.uses[x] == 1 and is_ours(x) and x not in self.results and x not in self.hints

    def _diagonal_update(self, x: Array) -> Text:
        matrix, d = x.args
        name = self._own(matrix, x)
        sign, change = (
            ("-", self.texts[d.args[0]]) if d.name == "negate" and self.uses[d] == 1 else ("+", self.texts[d])
        )
        if d.name == "number" and d.attrs[0] < 0:  # type: ignore[operator]
            sign, change = "-", self.number(-d.attrs[0])  # type: ignore[operator]
        self.lines.append(f"{name}.flat[:: {self._dim_sum(matrix.shape[0])} + 1] {sign}= {change[0]}")
        self.owned.add(x)
        return name, ATOM

    def _is_reverse_difference(self, x: Array) -> bool:
        """Y − (new array): the new array takes the result, which saves one of the size of Y."""
        if x.name != "subtract" or x.rank < 2 or not self.target.updates_in_place:
            return False
        a, b = x.args
        return b.shape == x.shape and self._is_free(b) and not self._is_free(a)

    def _reverse_difference(self, x: Array) -> Text:
        a, b = x.args
        name = self._own(b, x)
        self.lines.append(f"{self._word('np')}.subtract({self.texts[a][0]}, {name}, out={name})")
        self.owned.add(x)
        return name, ATOM

    # ── expressions ───────────────────────────────────────────────────────────────────────────────────────
    def _expression(self, x: Array) -> Text:
        if x.name == "input":
            return self.names.of_input(str(x.attrs[0])), ATOM
        if x.name == "number":
            return self.number(x.attrs[0])  # type: ignore[arg-type]
        if x.name == "size":
            return self.dim(x.attrs[0])  # type: ignore[arg-type]
        form = self._form(x)
        whole = x.name in STRETCHING and any(a.rank == 2 and a.name != "row" for a in x.args)
        args = [a.args[0] if whole and a.name == "row" else a for a in x.args]  # a last axis stretches by itself
        slots = [
            self._bracket(self.texts[a], form.needs[i] if i < len(form.needs) else ANY)
            for i, a in enumerate(args)
        ]
        text = self._fill(form.template, x, slots)
        for word in re.findall(r"(?<![\w.\"])(_?[a-z_]+)\b", form.template):
            self._word(word)
        if x.args and "np." in form.template and self._is_constant(x):  # leaves the type of arrays alone
            return f"float({text})", ATOM
        return text, form.precedence

    def _is_constant(self, x: Array) -> bool:
        return x.name in CONSTANTS or x.rank == 0 and bool(x.args) and all(map(self._is_constant, x.args))

    def _form(self, x: Array) -> Form:
        forms, name = self.target.forms, x.name
        if name == "map":
            return self._function(str(x.attrs[0]))
        if name == "matrix_function" and x.attrs[0] == "expm":
            return forms["expm"]
        if name == "power" and x.attrs[0] == Fraction(1, 2):
            return forms["square_root"]
        if name == "full" and x.attrs[0] in (0, 1):
            return forms["ones" if x.attrs[0] else "zeros"]
        if name == "spread" and self._is_constant(x.args[0]):  # a Python number has no type of its own
            return forms["spread_number"]
        if name == "inner" and x.args[0].rank == 1:
            return forms["inner_vectors"]
        if name == "reshape" and len(x.attrs) == 1:
            return forms["flatten"]
        if name in ("softmax", "log_softmax", "softmax_pair", "logsumexp") and x.attrs[0] is None:
            return forms[f"{name}_of_vector"]
        return forms[name]

    def _function(self, name: str) -> Form:
        written = self.target.functions.get(name) or str(getattr(OPS[name], self.target.entrywise))
        return Form(written if "{" in written else f"{written}({{0}})")

    def _fill(self, template: str, x: Array, slots: list[str]) -> str:
        values = {str(i): s for i, s in enumerate(slots)}
        values |= {letter: self._attribute(a) for letter, a in zip(ascii_lowercase, x.attrs, strict=False)}
        values["dtype"], values["all"] = "dtype", ", ".join(slots)
        values["shape"], values["lengths"] = self._shape(x), ", ".join(self._dim_sum(d) for d in x.shape) or "()"
        for sum_of, (i, j) in (("a+b", (0, 1)), ("c+d", (2, 3))):  # the end of a slice
            if f"{{{sum_of}}}" in template:
                values[sum_of] = self._dim_sum(x.attrs[i] + x.attrs[j])  # type: ignore[operator]
        if "{grid}" in template:
            rows, cols = int(x.attrs[0]), int(x.attrs[1])  # type: ignore[call-overload]
            values["grid"] = ", ".join(f"[{', '.join(slots[r * cols:(r + 1) * cols])}]" for r in range(rows))
        if "{function}" in template:
            values["function"] = function_keyword(str(x.attrs[0]), int(x.attrs[1]))  # type: ignore[call-overload]
        if "{flag}" in template:
            values["flag"] = str(int(bool(x.attrs[0])))
        return re.sub(r"\{([^{}]*)\}", lambda m: values[m[1]], template)

    def _attribute(self, a: object) -> str:
        if isinstance(a, Dim):
            return self._dim_sum(a)
        if isinstance(a, Fraction):
            return self._bracket(self.number(a), ATOM)
        return str(a)

    def _shape(self, x: Array) -> str:
        lengths = [self._dim_sum(d) for d in x.shape]
        return lengths[0] if len(lengths) == 1 else f"({', '.join(lengths)})"

    def _bracket(self, text: Text, needed: int) -> str:
        return text[0] if text[1] >= needed else f"({text[0]})"

    def _word(self, word: str) -> str:
        self.used.add(word)
        return word

    # ── numbers and dimensions ────────────────────────────────────────────────────────────────────────────
    def number(self, q: int | Fraction) -> Text:
        """A rational number; a decimal where that is the same number."""
        sign = SIGN if q < 0 else ATOM
        if isinstance(q, int):
            return str(q) if abs(q) < 2 ** 53 else repr(float(q)), sign
        decimal = repr(float(q))
        return (decimal, sign) if Fraction(decimal) == q else (f"{q.numerator} / {q.denominator}", PRODUCT)

    def dim(self, d: Dim) -> Text:
        """A dimension as an integer expression."""
        text = dim_text(d, self.dims)
        return text, SUM if "+" in text else PRODUCT if "*" in text else ATOM

    def _dim_sum(self, d: object) -> str:
        return self.dim(d)[0] if isinstance(d, Dim) else str(d)


_PLAIN = Form("")


def is_ours(x: Array) -> bool:
    """Whether the array is new: no argument, no view of one, no constant that others may hold."""
    if x.name in ("input", "spread"):
        return False
    return is_ours(x.args[0]) if x.operation.view else True


