"""Choices that need the whole program: the order of products, and how linear systems are solved.

`choose` turns the chains (products whose order is open) and inverses that the lowering writes into products
of two, solves and factorisations. A chain under a trace, an inner product or a diagonal is never formed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from matcalc.ir.array import Array, build, number, replace_args, walk
from matcalc.ir.facts import is_symmetric
from matcalc.ir.order import LONG, SHORT, Orders, Tree, commonest_pair
from matcalc.ir.program import Program
from matcalc.ir.shared import with_shared_parts
from matcalc.ir.systems import Systems

ENTRYWISE = ("add", "subtract", "negate", "multiply", "divide", "transpose")
SUMS = ("add", "subtract", "negate", "add_diagonal", "transpose")
LOCAL = ("diag_matrix", "inv", "kron")  # factors that need more than a product


def choose(program: Program) -> Program:
    """Settle every product and every inverse of a program."""
    while any(x.name == "chain" for x in walk(*program.roots)):  # a better form may bring a new product
        program = _Products(program).settled()
    return _with_signs_inside(with_shared_parts(Systems(program).settled()))


def parents_of(program: Program) -> dict[Array, list[Array]]:
    """Who uses an array."""
    users: dict[Array, list[Array]] = defaultdict(list)
    for x in walk(*program.roots):
        for a in x.args:
            users[a].append(x)
    return users


def _bare(f: Array) -> Array:
    return f.args[0] if f.name == "transpose" else f


def _untransposed(m: Array, turned: bool) -> tuple[Array, bool]:
    """The matrix that is stored, and whether its transpose is meant."""
    bare, turned = _bare(m), turned != (m.name == "transpose")
    return bare, turned and not is_symmetric(bare)


class _Products:
    """Chains become products of two; `done` has what became of the arrays of the given program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.users = parents_of(program)
        self.roots = set(program.roots)
        self.known: dict[tuple[Array, ...], Array] = {}
        self.applied: dict[tuple[Array, bool, Array], Array] = {}
        self.done: dict[Array, Array] = {}
        self.diagonal_only = self._served(lambda u, x: u.name in ("diagonal", "trace"), ENTRYWISE)
        self.vector_only = self._served(
            lambda u, x: u.name == "chain" and 1 in (u.args[0].rank, u.args[-1].rank), SUMS
        )
        self.inner_only = self._served(
            lambda u, x: u.name == "inner" and u.args[0] is not u.args[1] and len(self.users[x]) == 1, ()
        )

    def _served(self, serves: Callable[[Array, Array], bool], through: tuple[str, ...]) -> set[Array]:
        """Matrices that only such users need, directly or `through` such operations; none is formed."""
        found: set[Array] = set()
        for x in reversed(list(walk(*self.program.roots))):
            stretched = any(a.rank < 2 or a.shape not in (x.shape, x.shape[::-1]) for a in x.args)
            open_sum = x.name in through and (x.name == "add_diagonal" or not stretched)
            if x.rank == 2 and x not in self.roots and (open_sum or x.name == "chain"):
                if all(serves(u, x) or u in found and u.name in through for u in self.users[x]):
                    found.add(x)
        return found

    def settled(self) -> Program:
        """The program without chains."""
        order = sorted(
            self.program.results, key=lambda r: r[1].rank == 0
        )  # the value uses what the gradients compute
        for x in walk(*(x for _, x in order)):
            if x not in self.diagonal_only and x not in self.vector_only and x not in self.inner_only:
                self.done[x] = self._settled(x)
        return self.program.mapped(self.done)

    def _settled(self, x: Array) -> Array:
        if x.name == "diagonal":
            return self._diagonal(x.args[0])
        if x.name == "trace":
            return self._trace(x.args[0])
        if x.name == "chain":
            return self._chain(x)
        if x.name == "inner" and any(a in self.inner_only for a in x.args):
            a, b = sorted(x.args, key=lambda a: a in self.inner_only)
            return self._inner(a, b)
        return replace_args(x, tuple(self.done[a] for a in x.args))

    # ── what is never formed ──────────────────────────────────────────────────────────────────────────────
    def _diagonal(self, x: Array) -> Array:
        """diag(X), where nobody needs the rest of X: diag(A + BC) is diag(A) plus row sums of B∘Cᵀ."""
        if x not in self.diagonal_only:
            return build("diagonal", self.done[x])
        if x.name == "transpose":
            return self._diagonal(x.args[0])
        if x.name == "chain":
            left, right = self._cut(x)
            return build("row_inner", left, build("transpose", right))
        parts = [self.done[a] if a.rank < 2 else self._diagonal(a) for a in x.args]
        return build(x.name, *parts, attrs=x.attrs)

    def _trace(self, x: Array) -> Array:
        """tr(X), where nobody needs the rest of X: tr(AB) is Aᵀ:B."""
        if x not in self.diagonal_only:
            return build("trace", self.done[x])
        if x.name == "transpose":
            return self._trace(x.args[0])
        if x.name == "chain":
            left, right = self._cut(x, is_cyclic=True)
            return build("inner", build("transpose", left), right)
        if x.name in ("add", "subtract", "negate"):
            return build(x.name, *(self._trace(a) for a in x.args))
        return build("sum", self._diagonal(x))

    def _cut(self, x: Array, is_cyclic: bool = False) -> tuple[Array, Array]:
        """A product in two parts that together cost least; under a trace any factor may come first."""
        factors = self._with_pairs(tuple(self.done[a] for a in x.args))
        turns = len(factors) if is_cyclic and len(factors) <= SHORT else 1
        turned = [factors[i:] + factors[:i] for i in range(turns)]
        best = min(turned, key=lambda fs: Orders(fs, self._is_known).cut()[:2])
        k = Orders(best, self._is_known).cut()[-1]
        return self.product(best[:k]), self.product(best[k:])

    def _inner(self, a: Array, chain: Array) -> Array:
        """A:(B C) as (BᵀA):C or (A Cᵀ):B where a part of it is known, as A:(BC) otherwise."""
        factors = tuple(self.done[f] for f in chain.args)
        left = self.product([self.done[f] for f in a.args]) if a in self.inner_only else self.done[a]
        for known, rest in (
            ((build("transpose", factors[0]), left), factors[1:]),
            ((left, build("transpose", factors[-1])), factors[:-1]),
        ):
            found = self._lookup(known)
            if found is not None:
                return build("inner", found, self.product(rest))
        return build("inner", left, self.product(factors))

    # ── products with a vector ────────────────────────────────────────────────────────────────────────────
    def _chain(self, x: Array) -> Array:
        factors = x.args
        if factors[0].rank == factors[-1].rank == 1:
            return self._scalar(factors)
        if factors[-1].rank == 1:
            return self._onto(factors[:-1], False, self.done[factors[-1]])
        if factors[0].rank == 1:
            return self._onto(factors[1:][::-1], True, self.done[factors[0]])
        return self.product([self.done[f] for f in factors])

    def _onto(self, matrices: Sequence[Array], turned: bool, v: Array) -> Array:
        """The matrices (or their transposes) times v, the last one first."""
        for m in reversed(matrices):
            v = self.apply(m, turned, v)
        return v

    def _scalar(self, factors: tuple[Array, ...]) -> Array:
        """xᵀA…By: meet where most is known, best in the middle."""
        x, middle, y = self.done[factors[0]], factors[1:-1], self.done[factors[-1]]
        cut = min(
            range(len(middle) + 1),
            key=lambda i: (self._unknown(middle[:i], True, x) + self._unknown(middle[i:][::-1], False, y),
                           abs(2 * i - len(middle))),
        )
        return build("inner", self._onto(middle[:cut][::-1], True, x), self._onto(middle[cut:], False, y))

    def _unknown(self, matrices: Sequence[Array], turned: bool, v: Array) -> int:
        for count, m in enumerate(matrices):
            found = self.applied.get((*_untransposed(m, turned), v))
            if found is None:
                return len(matrices) - count
            v = found
        return 0

    def apply(self, m: Array, turned: bool, v: Array) -> Array:
        """Matrix (of the given program) times vector; what serves vectors only is never formed."""
        m, turned = _untransposed(m, turned)
        found = self.applied.get((m, turned, v))
        if found is None:
            found = self.applied[m, turned, v] = (
                self._in_parts(m, turned, v)
                if m in self.vector_only
                else self._times_vector(build("transpose", self.done[m]) if turned else self.done[m], v)
            )
        return found

    def _in_parts(self, m: Array, turned: bool, v: Array) -> Array:
        if m.name == "chain":
            return self._onto(m.args[::-1] if turned else m.args, turned, v)
        if m.name == "add_diagonal":
            return build("add", self.apply(m.args[0], turned, v), build("multiply", self.done[m.args[1]], v))
        return build(m.name, *(self.apply(a, turned, v) if a.rank == 2 else self.done[a] for a in m.args))

    def _times_vector(self, m: Array, v: Array) -> Array:
        inside, turned = (m.args[0], True) if m.name == "transpose" else (m, False)
        if inside.name == "diag_matrix":
            return build("multiply", inside.args[0], v)
        if _is_low_rank(inside):
            return self._low_rank_onto(m, v)
        if v.name == "full" and v.attrs[0] == 1:
            return build("column_sums" if turned else "row_sums", inside)
        if inside.name == "commutation":
            p, q = inside.attrs[::-1] if turned else inside.attrs
            return build("reshape", build("transpose", build("reshape", v, attrs=(q, p))), attrs=v.shape)
        if inside.name == "kron":
            a, b = (build("transpose", f) for f in inside.args) if turned else inside.args
            V = build("reshape", v, attrs=(a.shape[1], b.shape[1]))
            kept = [f for f in (a, V, build("transpose", b)) if f.name != "eye"]
            return build("reshape", self.product(kept), attrs=(a.shape[0] * b.shape[0],))
        if inside.name == "khatri_rao":
            return self._khatri_rao(inside.args[0], inside.args[1], turned, v)
        return build("matmul", m, v)

    def _khatri_rao(self, a: Array, b: Array, turned: bool, v: Array) -> Array:
        """khatri_rao(A, B)v is A Diag(v) Bᵀ row by row; its transpose times v is diag(Aᵀ V B)."""
        if not turned:
            return build(
                "reshape",
                self.product([a, build("diag_matrix", v), build("transpose", b)]),
                attrs=(a.shape[0] * b.shape[0],),
            )
        V = build("reshape", v, attrs=(a.shape[0], b.shape[0]))
        return build("column_inner", a, self.product([V, b]))

    # ── products of matrices ──────────────────────────────────────────────────────────────────────────────
    def product(self, factors: Sequence[Array]) -> Array:
        """The product of matrices (already settled) in the best order."""
        return factors[0] if len(factors) == 1 else self._matrices(tuple(factors))

    def _is_known(self, factors: tuple[Array, ...]) -> bool:
        return self._lookup(factors) is not None

    def _lookup(self, factors: tuple[Array, ...]) -> Array | None:
        return self.known.get(factors)

    def _know(self, factors: tuple[Array, ...], out: Array) -> Array:
        """Remember a product and its transpose."""
        self.known[tuple(build("transpose", f) for f in reversed(factors))] = build("transpose", out)
        self.known[factors] = out
        return out

    def _matrices(self, factors: tuple[Array, ...]) -> Array:
        for i, f in enumerate(factors):
            if _is_low_rank(f):  # (abᵀ + Diag(d))X is a(Xᵀb)ᵀ + d1ᵀ∘X
                return self._low_rank(factors[:i], f, factors[i + 1:])
        found = self._lookup(factors)
        if found is not None:
            return found
        short = self._with_pairs(factors)
        orders = Orders(short, self._is_known)
        tree = orders.everywhere()
        if tree is None and orders.is_for_run_time() and not any(_bare(f).name in LOCAL for f in short):
            out = build("ordered_at_run_time", *short)
        else:
            out = self._tree(short, orders.on_average() if tree is None else tree)
        return self._know(factors, out)

    def _with_pairs(self, factors: tuple[Array, ...]) -> tuple[Array, ...]:
        """A long product with what repeats in it as one factor: A²⁰B as A¹⁶A⁴B."""
        while len(factors) > LONG and (pair := commonest_pair(factors, self._is_known)) is not None:
            both, short = self._tree(pair, (0, 1)), list[Array]()
            for f in factors:
                if (*short[-1:], f) == pair:
                    short[-1] = both
                else:
                    short.append(f)
            factors = tuple(short)
        return factors

    def _tree(self, factors: tuple[Array, ...], tree: Tree) -> Array:
        if isinstance(tree, int):
            return factors[tree]
        first, last = _span(tree)
        segment = factors[first:last + 1]
        found = self._lookup(segment)
        if found is None:
            product = self._times(self._tree(factors, tree[0]), self._tree(factors, tree[1]))
            found = self._know(segment, product)
        return found

    def _low_rank_onto(self, f: Array, v: Array) -> Array:
        """(abᵀ + Diag(d))v is (bᵀv)a + d∘v."""
        f = _turned_inside(f)
        if f.name == "outer":
            return build("multiply", build("inner", f.args[1], v), f.args[0])
        parts = [self._low_rank_onto(a, v) if a.rank == 2 else a for a in f.args]
        if f.name == "add_diagonal":
            return build("add", build("multiply", parts[1], v), parts[0])
        return build(f.name, *parts, attrs=f.attrs)

    def _low_rank(self, before: tuple[Array, ...], f: Array, after: tuple[Array, ...]) -> Array:
        f = _turned_inside(f)
        if f.name == "add_diagonal":
            thin, d = f.args
            rest = (*before, build("diag_matrix", d), *after) if d.rank else (*before, *after)
            scaled = build("multiply", number(1) if d.rank else d, self.product(rest))
            return build("add", scaled, self._low_rank(before, thin, after))
        if f.name != "outer":
            return build(
                f.name, *(self._low_rank(before, a, after) if a.rank else a for a in f.args), attrs=f.attrs
            )
        u, v = f.args
        for m in reversed(before):
            u = self._times_vector(m, u)
        for m in after:
            v = self._times_vector(build("transpose", m), v)
        return build("outer", u, v)

    def _times(self, x: Array, y: Array) -> Array:
        if x.name == "diag_matrix":
            return build("multiply", build("column", x.args[0]), y)
        if y.name == "diag_matrix":
            return build("multiply", x, build("row", y.args[0]))
        return build("matmul", x, y)


def _is_low_rank(x: Array) -> bool:
    """A sum of outer products, perhaps with a diagonal."""
    if x.name == "outer":
        return True
    if x.name in ("add_diagonal", "transpose"):
        return _is_low_rank(x.args[0])
    parts = [a for a in x.args if a.rank == 2]
    return (
        x.name in ("add", "subtract", "negate", "multiply", "divide")
        and all(a.rank == 0 or x.shape == a.shape for a in x.args)
        and (len(parts) == 1 or x.name in ("add", "subtract"))
        and all(map(_is_low_rank, parts))
    )


def _turned_inside(x: Array) -> Array:
    """A sum of outer products without a transpose around a part of it."""
    if x.name != "transpose":
        return x
    parts = (build("transpose", a) if a.rank == 2 else a for a in x.args[0].args)
    return build(x.args[0].name, *parts, attrs=x.args[0].attrs)


def _span(tree: Tree) -> tuple[int, int]:
    if isinstance(tree, int):
        return tree, tree
    return _span(tree[0])[0], _span(tree[1])[1]


def _with_signs_inside(program: Program) -> Program:
    """−(A − B) is B − A, and −(cA) is (−c)A, 2(cA) is (2c)A, where what stands inside has no other use."""
    users = parents_of(program)
    roots = set(program.roots)
    done: dict[Array, Array] = {}
    for x in walk(*program.roots):
        args = tuple(done[a] for a in x.args)
        alone = [len(users[a]) == 1 and a not in roots for a in x.args]
        if x.name == "negate" and args[0].name == "subtract" and alone[0]:
            done[x] = build("subtract", args[0].args[1], args[0].args[0])
        elif x.name == "negate" and (parts := _scaling(args[0])) is not None and alone[0]:
            done[x] = build("multiply", build("negate", parts[0]), parts[1])
        elif x.name == "multiply" and args[0].rank == 0 and (parts := _scaling(args[1])) is not None and alone[1]:
            done[x] = build("multiply", build("multiply", args[0], parts[0]), parts[1])
        else:
            done[x] = replace_args(x, args)
    return program.mapped(done)


def _scaling(x: Array) -> tuple[Array, Array] | None:
    """The scalar and the array of a scaled array; x/‖x‖ stays together, its scalar alone could overflow."""
    scales = x.name == "multiply" and x.rank and not x.args[0].rank and x.args[0].name != "one_over_norm"
    return (x.args[0], x.args[1]) if scales else None
