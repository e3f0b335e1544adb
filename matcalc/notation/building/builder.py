"""The state of reading one text: sizes, variables, definitions, notes; and the errors that need them.

The rules from surface tree to expression are in leaves.py, build.py, functions.py and pieces.py;
each enters its kinds of nodes into `RULES`. A rule returns a `Typed`: rows, columns, and a function that
makes the expression when every dimension is known. What is 1×1, a row or a column is always known at once,
because a free dimension is never 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from matcalc.core.dims import Dim, Shape
from matcalc.core.tree import Expr
from matcalc.errors import ParseError, Place, ShapeError, UnsupportedError
from matcalc.notation.building.sizes import Mismatch, Sizes
from matcalc.notation.building.terms import Var
from matcalc.notation.dimension import Size
from matcalc.notation.hints import cut, guess
from matcalc.notation.layout import Recorder
from matcalc.notation.scope import Scope
from matcalc.notation.source import Source
from matcalc.notation.syntax.surface import Node

MAX_WIDTH = 3_000  # factors or terms of one flat node


@dataclass(slots=True)
class Typed:
    """A formula whose shape is known as sizes: what to make of it when they are solved."""

    rows: Size
    cols: Size
    make: Callable[[], Expr]
    number: bool = False  # a number, which may stand for an array of it
    one: bool = False  # a bold 1, a vector or an array of ones
    width: int = 1

    @property
    def is_scalar(self) -> bool:
        """Whether it is 1×1."""
        return bool(self.rows == 1 and self.cols == 1)


@dataclass(frozen=True, slots=True)
class Declared:
    """What a text says of a name: its shape (None: to be inferred) and its facts."""

    shape: tuple[Size, Size] | None = None
    facts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Moved:
    """An index that runs from `low` to `high` and occurs with offsets; `reach` is the largest one by operand."""

    low: int
    high: Size
    reach: dict[tuple[str, int], int]


@dataclass(slots=True)
class Builder:
    """The state of reading one text: sizes, variables in the order of their first use, definitions, notes."""

    scope: Scope
    declared: dict[str, Declared]
    sizes: Sizes = field(default_factory=Sizes)
    source: Source = field(default_factory=lambda: Source("", ""))
    variables: dict[str, tuple[Size, Size]] = field(default_factory=dict)
    definitions: dict[str, Typed] = field(default_factory=dict)
    scalars: set[str] = field(default_factory=set)  # letters that are exponents or their bases
    indices: dict[str, tuple[Size, bool]] = field(default_factory=dict)
    moved: dict[str, Moved] = field(default_factory=dict)  # indices with an offset: x_{i+1}
    summed: set[str] = field(default_factory=set)  # every index that some sum binds
    notes: dict[str, None] = field(default_factory=dict)
    numbers: set[str] = field(default_factory=set)  # dimensions used as numbers
    closed: bool = False  # whether a name that is not known is an error
    shapes: dict[int, Shape] = field(default_factory=dict)
    typed: Recorder = field(default_factory=Recorder)  # the order in which arguments were typed

    # ── the walk ──────────────────────────────────────────────────────────────────────────────────────────
    def infer(self, node: Node) -> Typed:
        """The shape of a formula and how to make it.

        Raises:
            ShapeError: two parts do not go together.
        """
        return RULES[node.kind](self, node)

    def dim(self, size: Size) -> Dim:
        """A size as a dimension, when everything is solved."""
        return self.sizes.dim(size)

    def shape(self, t: Typed) -> Shape:
        """The solved shape."""
        return self.sizes.dim(t.rows), self.sizes.dim(t.cols)

    def is_known(self, name: str) -> bool:
        """Whether the text says what a name is, by a declaration or a definition."""
        return name in self.declared or name in self.definitions

    def note(self, sentence: str) -> None:
        """Record an assumption."""
        self.notes.setdefault(sentence)

    def text(self, node: Node) -> str:
        """What was typed for a node."""
        place = self.source.place(node.start, node.end)
        return " ".join(place.text[place.start: place.end].split())

    # ── errors ────────────────────────────────────────────────────────────────────────────────────────────
    def require(self, a: Size, b: Size, what: str, *operands: tuple[Node, Typed], hint: str = "") -> None:
        """Two sizes must be equal; `what` says why, the operands are shown where they are not."""
        if a is b or a == b and type(a) is not Var and type(a) is type(b) and type(a) in (int, str):
            return
        where = (what, self.source, operands, hint)
        try:
            self.sizes.equal(a, b, where)
        except Mismatch:
            raise self.clash(where) from None

    def clash(self, where: tuple[str, Source, tuple[tuple[Node, Typed], ...], str]) -> ShapeError:
        """The error for operands that do not go together."""
        what, source, operands, hint = where
        self.source = source
        shown = [self.describe(t) for _, t in operands]
        places = [source.place(n.start, n.end) for n, _ in operands]
        texts = [cut(self.text(n)) for n, _ in operands]
        says = " and ".join(f"`{text}` is {shape}" for text, shape in zip(texts, shown, strict=True))
        return ShapeError(
            f"{what}: {says}" if says else what,
            *places,
            hint=hint or guess(self, operands, what),
            shapes=tuple(shown),
        )

    def describe(self, t: Typed) -> str:
        """A shape in words: a scalar, m×n."""
        self.sizes.name_free(
            [s for pair in self.variables.values() for s in pair] + [t.rows, t.cols], self.taken()
        )
        try:
            rows, cols = self.shape(t)
        except ValueError:
            return "of a very large shape"
        return "a scalar" if t.is_scalar else f"{rows}×{cols}"

    def taken(self) -> set[str]:
        """Names that no new dimension gets."""
        return {
            n
            for n in self.scope.dims | self.scope.sized | set(self.variables) | set(self.definitions)
            if len(n) == 1
        } | self.summed

    def parse_error(self, message: str, node: Node, hint: str = "") -> ParseError:
        """An error of meaning at a node."""
        return self.source.error(message, node.start, node.end, hint)

    def unsupported(self, message: str, node: Node, hint: str) -> UnsupportedError:
        """What the engine does not do, at a node."""
        return UnsupportedError(message, self.place(node), hint=hint)

    def place(self, node: Node) -> Place:
        """Where a node stands."""
        return self.source.place(node.start, node.end)

    def wide(self, node: Node, width: int) -> int:
        """The width of a flat node, refused where it is out of proportion."""
        if width > MAX_WIDTH:
            raise self.unsupported(
                f"written out, this has more than {MAX_WIDTH} factors or terms",
                node,
                "give a shorter formula",
            )
        return width


Part = tuple[Node, Typed]
Rule = Callable[[Builder, Node], Typed]
RULES: dict[str, Rule] = {}
