"""The value of an expression at a point: leaves and algebra nodes are defined here, operators in their row.

Evaluation goes over the shared graph once, without recursion, and keeps every value; so an objective, its
gradients and all lines of a derivation cost one pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from matcalc.check.arithmetic import Arithmetic, Matrix
from matcalc.core.dims import Dim
from matcalc.core.sample import size
from matcalc.core.tree import Expr, walk

Point = Mapping[Expr, Matrix]


class Evaluation:
    """Values of expressions where every variable has the value that `point` gives.

    `sizes` gives the dimensions, `indices` the values of bound indices (inside an indexed sum).
    """

    def __init__(self, K: Arithmetic, sizes: Mapping[str, int], point: Point,
                 outer: Evaluation | None = None, indices: Mapping[str, int] | None = None) -> None:
        self.K, self.sizes, self.point = K, sizes, point
        self.indices: Mapping[str, int] = indices or {}
        self._outer = outer
        self._free: dict[Expr, frozenset[str]] = outer._free if outer else {}
        self._values: dict[Expr, Matrix] = dict(point)
        self._dims: dict[Dim, int] = {}
        self._names: list[tuple[Expr, Expr]] = []
        self._still: Evaluation | None = None

    @property
    def still(self) -> Evaluation:
        """The same point where nothing moves, for what is only needed as a value; itself where that costs the same."""
        if self.K.packed:
            return self
        if self._still is None:
            plain = {x: self.K.plain(X) for x, X in self.point.items()}
            self._still = Evaluation(self.K, self.sizes, plain)
            for name, definition in self._names:
                self._still.define(name, definition)
        return self._still

    def define(self, name: Expr, definition: Expr) -> None:
        """Give a named variable the value of an expression."""
        self._values[name] = self(definition)
        self._names.append((name, definition))

    def size(self, d: Dim) -> int:
        """The value of a dimension."""
        found = self._dims.get(d)
        if found is None:
            found = self._dims[d] = size(d, self.sizes)
        return found

    def shape(self, e: Expr) -> tuple[int, int]:
        """The shape of an expression in numbers."""
        return self.size(e.shape[0]), self.size(e.shape[1])

    def __call__(self, root: Expr) -> Matrix:
        """The value of `root`."""
        values = self._values
        stack = [root]
        while stack:
            e = stack[-1]
            if e in values:
                stack.pop()
                continue
            if self._outer is not None and self._free[e].isdisjoint(self.indices):
                values[e] = self._outer(e)
                continue
            if e.op.name == "isum":
                values[e] = self._indexed_sum(e)
                continue
            missing = [a for a in e.args if a not in values]
            if missing:
                stack.extend(missing)
                continue
            values[e] = self._value(e, [values[a] for a in e.args])
        return values[root]

    def inside(self, *roots: Expr) -> Evaluation:
        """This point seen from inside the indexed sums around `roots`: every free index has its last value."""
        for root in roots:
            free_indices(root, self._free)
        names = frozenset[str]().union(*(self._free[root] for root in roots))
        units = [e for e in walk(*roots) if e.op.name == "unit" and e.attrs[0] in names] if names else []
        last = {str(e.attrs[0]): self.shape(e)[0] for e in units}
        return Evaluation(self.K, self.sizes, self.point, self, {**self.indices, **last}) if last else self

    def at(self, indices: Mapping[str, int], *roots: Expr) -> Evaluation:
        """This point with values for free indices of `roots`."""
        for root in roots:
            free_indices(root, self._free)
        return Evaluation(self.K, self.sizes, self.point, self, {**self.indices, **indices})

    def _value(self, e: Expr, args: list[Matrix]) -> Matrix:
        """The value of a node from those of its arguments.

        Raises:
            AssertionError: the value does not have the shape of the node.
        """
        node = NODES.get(e.op.name)
        if node is not None:
            return node(self, e, args)
        value: Matrix = _defined(e)(self.K, *args, **self._attributes(e))
        if (value.m, value.n) != self.shape(e):
            raise AssertionError(f"{e.op.name} gives {value.m}×{value.n} where its shape is {self.shape(e)}")
        return value

    def _attributes(self, e: Expr) -> dict[str, Any]:
        return {name: self.size(a) if isinstance(a, Dim) else a
                for name, a in zip(e.op.attributes, e.attrs, strict=True)}

    def _indexed_sum(self, e: Expr) -> Matrix:
        body = e.args[0]
        free_indices(body, self._free)

        def at(index: Mapping[str, int]) -> Matrix:
            return Evaluation(self.K, self.sizes, self.point, self, {**self.indices, **index})(body)

        value: Matrix = _defined(e)(self.K, at, **self._attributes(e))
        return value


def _defined(e: Expr) -> Callable[..., Any]:
    if e.op.value is None:
        raise KeyError(f"the operator {e.op.name} has no value column")
    return e.op.value


def free_indices(root: Expr, done: dict[Expr, frozenset[str]]) -> None:
    """Note for every node below `root` the bound indices that occur in it and are not bound there."""
    for e in walk(root):
        if e not in done:
            inside = frozenset[str]().union(*(done[a] for a in e.args))
            if e.op.name == "unit" and isinstance(e.attrs[0], str):
                inside = frozenset((e.attrs[0],))
            done[e] = inside - {str(e.attrs[0])} if e.op.name == "isum" else inside


# ── leaves and the algebra ────────────────────────────────────────────────────────────────────────────────
def _ones(E: Evaluation, e: Expr, args: list[Matrix]) -> Matrix:
    m, n = E.shape(e)
    return Matrix(m, n, [E.K.one] * (m * n))


def _zeros(E: Evaluation, e: Expr, args: list[Matrix]) -> Matrix:
    m, n = E.shape(e)
    return Matrix(m, n, [E.K.zero] * (m * n))


def _unit(E: Evaluation, e: Expr, args: list[Matrix]) -> Matrix:
    index = e.attrs[0]
    k = index if isinstance(index, int) else E.size(index) if isinstance(index, Dim) else E.indices[index]
    m, n = E.shape(e)
    return Matrix(m, n, [E.K.one if i + 1 == k else E.K.zero for i in range(m)])


def _variable(E: Evaluation, e: Expr, args: list[Matrix]) -> Matrix:
    raise KeyError(f"the variable {e.attrs[0]} has no value")


def _commutation(E: Evaluation, e: Expr, args: list[Matrix]) -> Matrix:
    """K vec(X) = vec(Xᵀ): entry (i, j) of X is number i + jm of vec(X) and number j + in of vec(Xᵀ)."""
    m, n = (E.size(d) for d in e.attrs)
    ones = {(j + i * n, i + j * m) for i in range(m) for j in range(n)}
    return E.K.build(m * n, m * n, lambda r, c: E.K.one if (r, c) in ones else E.K.zero)


def _triangle(E: Evaluation, e: Expr) -> list[tuple[int, int, int]]:
    """(number in vech, number in vec, number in vec of the transpose) for the lower triangle."""
    n = E.size(e.attrs[0])
    places = [E.K.vech_place(k, n) for k in range(n * (n + 1) // 2)]
    return [(k, i + j * n, j + i * n) for k, (i, j) in enumerate(places)]


def _duplication(E: Evaluation, e: Expr, args: list[Matrix]) -> Matrix:
    ones = {(r, k) for k, a, b in _triangle(E, e) for r in (a, b)}
    return E.K.build(*E.shape(e), lambda r, c: E.K.one if (r, c) in ones else E.K.zero)


def _elimination(E: Evaluation, e: Expr, args: list[Matrix]) -> Matrix:
    ones = {(k, a) for k, a, _ in _triangle(E, e)}
    return E.K.build(*E.shape(e), lambda r, c: E.K.one if (r, c) in ones else E.K.zero)


def _chain(E: Evaluation, e: Expr, args: list[Matrix]) -> Matrix:
    """A product, from the right where it ends in a vector."""
    product = E.K.product
    if args[-1].n == 1:
        value = args[-1]
        for A in reversed(args[:-1]):
            value = product(A, value)
    else:
        value = args[0]
        for A in args[1:]:
            value = product(value, A)
    return value


def _had(E: Evaluation, e: Expr, args: list[Matrix]) -> Matrix:
    power, reduce = E.K.power, E.K.reduce
    value: list[Any] | None = None
    for A, q in zip(args, e.attrs, strict=True):
        raised = [power(x, q) for x in A.entries]
        value = raised if value is None else [reduce(x * y) for x, y in zip(value, raised, strict=True)]
    return Matrix(args[0].m, args[0].n, value or [])


NODES: dict[str, Callable[[Evaluation, Expr, list[Matrix]], Matrix]] = {
    "var": _variable,
    "meta": _variable,
    "ones": _ones,
    "zeros": _zeros,
    "eye": lambda E, e, args: E.K.identity(E.size(e.shape[0])),
    "unit": _unit,
    "const": lambda E, e, args: Matrix(1, 1, [E.K.constant(e.attrs[0])]),
    "dimnum": lambda E, e, args: Matrix(1, 1, [E.K.number(E.size(e.attrs[0]))]),
    "commutation": _commutation,
    "duplication": _duplication,
    "elimination": _elimination,
    "lin": lambda E, e, args: E.K.combine(e.attrs, args),
    "chain": _chain,
    "had": _had,
    "scal": lambda E, e, args: E.K.scale(args[0].entries[0], args[1]),
    "T": lambda E, e, args: args[0].transposed(),
}
"""What the leaves and the algebra nodes mean."""
