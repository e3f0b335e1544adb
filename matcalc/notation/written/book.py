"""What a derivation speaks about: variables, names, the objective; and the reading of its further formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from matcalc.core.algebra import VAR, add, bag, neg, ones, scale, var, zeros
from matcalc.core.dims import ONE, SCALAR, Dim, Shape
from matcalc.core.tree import Expr, make, substitute, walk
from matcalc.errors import MatcalcError, ParseError, Place, ShapeError, UnsupportedError
from matcalc.notation.building.builder import Builder, Declared, Typed
from matcalc.notation.building.sizes import Mismatch
from matcalc.notation.names import canonical
from matcalc.notation.read import Reading, _as_size, _declare, _solve
from matcalc.notation.scope import Scope
from matcalc.notation.source import Source, source
from matcalc.notation.statements import statements
from matcalc.notation.syntax.parser import parse
from matcalc.notation.syntax.surface import Node

_AFTER_D = re.compile(r"(?<![A-Za-z\\])d\s*(\\?[A-Za-zΑ-ω]+?)(?![a-z])(?:_(\w|\{\w+\}))?")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of a derivation: the expression, how it was typed, and the names that stand in it alone."""

    expression: Expr
    node: Node
    source: Source
    fresh: tuple[Expr, ...]


@dataclass(slots=True)
class Book:
    """The names of a derivation.

    `names` are defined ones as leaves, `values` what they stand for (in variables alone); `objective` is the
    function (None where the text has none) and `title` what it is called.
    """

    reading: Reading | None
    declared: dict[str, Declared]
    dims: set[str]
    elementwise: set[str]
    known: dict[str, Expr] = field(default_factory=dict)
    names: dict[str, Expr] = field(default_factory=dict)
    values: dict[Expr, Expr] = field(default_factory=dict)
    indices: set[str] = field(default_factory=set)  # letters that count, where no sum binds them
    objective: Expr | None = None
    title: str = ""
    differentials: frozenset[str] = frozenset()  # letters that stand after a d anywhere
    logistic: frozenset[str] = frozenset()  # elementwise functions that stand for the logistic one

    def leaf(self, name: str) -> Expr | None:
        """The node of a name, None where it is not known."""
        return self.names.get(name) or self.known.get(name)

    def define(self, name: str, value: Expr) -> Expr:
        """A name for an expression, its leaf."""
        leaf = self.names[name] = var(name, value.shape)
        self.values[leaf] = substitute(value, dict(self.values))
        return leaf

    def stretch(self) -> None:
        """A small letter that nothing else explains is vec of the matrix with the same capital: dx = vec(dX)."""
        for name in sorted(self.differentials):
            matrix = self.leaf(name.capitalize())
            fresh = len(name) == 1 and name.islower() and self.leaf(name) is None and name not in self.declared
            if fresh and matrix is not None and ONE not in matrix.shape:
                self.define(name, make("vec", matrix))

    def meant(self, e: Expr) -> Expr:
        """An expression with the logistic function for the letters that stand for it."""
        while self.logistic:
            x = next((x for x in walk(e) if x.op.name == "apply" and x.attrs[0] in self.logistic), None)
            if x is None:
                break
            e = substitute(e, {x: _logistic(x.args[0], int(str(x.attrs[1])))})
        return e

    def formula(self, text: str, like: Shape | None = None) -> Formula:
        """Read one formula; where its shape is open it takes that of `like`.

        Raises:
            MatcalcError: the text is no formula of the language, or its parts do not go together.
        """
        return self.formulas([text], like)[0]

    def parsed(self, text: str) -> Formula:
        """A formula as it was typed, with an expression that means nothing: for editing what does not fit.

        Raises:
            MatcalcError: the text is no formula of the language.
        """
        with bounded(text):
            src = source(text)
            node = parse(src, 0, len(src.text), self._scope([text]))
        return Formula(zeros(SCALAR), node, src, ())

    def formulas(self, texts: list[str], like: Shape | None = None, *, equal: int = 0) -> list[Formula]:
        """Read formulas with common letters; each `equal` of them in turn have one shape.

        Raises:
            MatcalcError: a text is no formula of the language, or parts do not go together.
        """
        with bounded(texts[0]):
            return self._formulas(texts, like, equal)

    def _formulas(self, texts: list[str], like: Shape | None, equal: int) -> list[Formula]:
        scope = self._scope(texts)
        builder = self._builder(scope)
        read: list[tuple[Source, Node, Typed]] = []
        for text in texts:
            src = source(text)
            node = parse(src, 0, len(src.text), scope)
            builder.source = src
            read.append((src, node, builder.infer(node)))
        given = (_as_size(like[0]), _as_size(like[1])) if like else None
        sizes = [given or _group_size(read, i, equal) for i in range(len(read))]
        for (src, _, t), size in zip(read, sizes, strict=True):
            if size is not None and not t.number:
                builder.source = src
                _fit(builder, t, size, strict=bool(equal))
        self._conforms(_solve(builder), read[-1][0])
        out = []
        known = {**self.known, **self.names}
        for (src, node, t), size in zip(read, sizes, strict=True):
            e = self.meant(t.make())
            if size is not None and t.number and node.kind == "num" and node.value == 0:
                e = zeros((builder.dim(size[0]), builder.dim(size[1])))
            fresh = tuple(
                var(n, (builder.dim(r), builder.dim(c)), self.declared[n].facts if n in self.declared else frozenset())
                for n, (r, c) in builder.variables.items()
                if n not in known and n not in self.declared
            )
            out.append(Formula(e, node, src, fresh))
        return out

    def _conforms(self, conditions: list[tuple[Dim, Dim]], src: Source) -> None:
        """Conditions on known dimensions that the problem does not have anyway are a clash of shapes."""
        given = self.reading.conditions if self.reading is not None else ()
        known = {n for e in (*self.known.values(), *self.names.values()) for d in e.shape for n in d.names}
        for a, b in conditions:
            if a.names | b.names <= known and (a, b) not in given and (b, a) not in given:
                raise ShapeError(f"the shapes go together only where {a} = {b}", src.place(0, len(src.text)))

    def _scope(self, texts: list[str]) -> Scope:
        scope = Scope(dims=self.dims | self.indices, elementwise=set(self.elementwise), differentials=True,
                      entrywise=True)
        scope.add(self.known)
        scope.add(self.names)
        scope.add(self.declared)
        for text in texts:
            for name in differentials_in(text):
                if len(name.split("_")[0]) == 1:
                    scope.add([name])
        if "d" in self.known or "d" in self.names:
            scope.differentials = False
        return scope

    def _builder(self, scope: Scope) -> Builder:
        declared = dict(self.declared)
        for name, e in {**self.known, **self.names}.items():
            facts = frozenset(e.attrs[1]) if e.op is VAR else frozenset()
            declared[name] = Declared((_as_size(e.shape[0]), _as_size(e.shape[1])), facts)
        builder = Builder(scope, declared, numbers=set(self.dims))
        builder.sizes.used |= scope.dims
        for name, d in self.reading.layout.spelled.items() if self.reading is not None else ():
            total, taken = (Dim({m: sign * c for m, c in d.terms if sign * c > 0}) for sign in (1, -1))
            builder.sizes.differences[total, taken] = Dim.name(name)
        return builder


def _logistic(x: Expr, order: int) -> Expr:
    """A derivative of the logistic function s: s, s∘(1 − s), s∘(1 − s)∘(1 − 2s).

    Raises:
        UnsupportedError: a higher one.
    """
    s = make("sigmoid", x)
    one = ones(x.shape)
    if order > 2:
        raise UnsupportedError("a third derivative of the logistic function", hint="write it out in σ")
    factors = (s, add(one, neg(s)), add(one, scale(-2, s)))
    return bag([(x, 1) for x in factors[: order + 1]])


def _group_size(read: list[tuple[Source, Node, Typed]], i: int, equal: int) -> tuple[object, object] | None:
    """The shape of the first formula of a group that has one."""
    if not equal:
        return None
    group = read[i - i % equal : i - i % equal + equal]
    typed = next((t for _, _, t in group if not t.number), group[0][2])
    return typed.rows, typed.cols


def _fit(builder: Builder, t: Typed, size: tuple[object, object], strict: bool) -> None:
    try:
        for a, b in zip((t.rows, t.cols), size, strict=True):
            builder.sizes.equal(a, b, ("both sides of an equation have one shape", builder.source, (), ""))
    except Mismatch:
        if strict:
            raise builder.clash(("both sides of an equation have one shape", builder.source, (), "")) from None


def bracket_named(before: str, after: str, name: str) -> str | None:
    r"""The bracket of one text that a letter stands for in the next, None where there is no such bracket.

    >>> bracket_named(r"\left(\sum_k u_k v_k^T\right):dR", "E:dR", "E")
    '\\sum_ku_kv_k^T'
    """
    a, b = (re.sub(r"\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z])|\\[,;! ]|\s", "", t) for t in (before, after))
    at = [m.start() for m in re.finditer(rf"(?<![A-Za-z\\]){re.escape(name)}(?![a-z_])", b)]
    if len(at) != 1:
        return None
    head, tail = b[: at[0]], b[at[0] + len(name) :]
    part = a[len(head) : len(a) - len(tail)]
    fits = a.startswith(head) and a.endswith(tail) and len(a) > len(b) and part[:1] == "(" and part[-1:] == ")"
    return part[1:-1] if fits else None


def differentials_in(text: str) -> set[str]:
    """The names that stand after a d in a text.

    >>> sorted(differentials_in(r"2X:(dU V' + U\\,dV^T) + d\\Sigma"))
    ['U', 'V', 'Σ']
    """
    found = (canonical(m[1] + (f"_{m[2]}" if m[2] else "")) for m in _AFTER_D.finditer(text))
    return {name for name in found if name}


@contextmanager
def bounded(text: str) -> Iterator[None]:
    """Errors from inside become errors of this package."""
    try:
        yield
    except MatcalcError:
        raise
    except ZeroDivisionError:
        raise ParseError("division by zero", Place(text, 0, 1)) from None
    except (RecursionError, OverflowError):
        raise UnsupportedError("the formula is nested too deeply", hint="name its parts: X := …") from None
    except (ValueError, KeyError, IndexError, AssertionError) as problem:
        raise UnsupportedError(f"this cannot be built: {problem}") from None


def declared_in(texts: list[str]) -> tuple[dict[str, Declared], set[str], set[str]]:
    """Declared names, dimensions and functions of some declarations."""
    found = [s for text in texts for s in statements(source(text))]
    scope, declared, _ = _declare(found)
    return declared, scope.dims, scope.elementwise
