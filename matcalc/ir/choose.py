"""Choices that need the whole program: the order of products, and how linear systems are solved.

`choose` turns the chains (products whose order is open) and inverses that the lowering writes into products of
two, solves and factorisations. A chain under a trace, an inner product or a diagonal is never formed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from matcalc.ir.array import Array, build, intern, replace_args, walk
from matcalc.ir.facts import is_definite
from matcalc.ir.order import Tree, best_order, cheapest_mean
from matcalc.ir.program import Program

ENTRYWISE_LINEAR = ("add", "subtract", "negate", "multiply", "divide", "transpose")
SUMS = ("add", "subtract", "negate", "add_diagonal", "multiply")
LOCAL = ("diag_matrix", "inv", "kron")  # factors that need more than a product


def choose(program: Program) -> Program:
    """Settle every product and every inverse of a program."""
    settled = _Systems(_Products(program).settled()).settled()
    return _with_signs_inside(settled)


def parents_of(program: Program) -> dict[Array, list[Array]]:
    """Who uses an array."""
    users: dict[Array, list[Array]] = defaultdict(list)
    for x in walk(*program.roots):
        for a in x.args:
            users[a].append(x)
    return users


def _bare(f: Array) -> Array:
    return f.args[0] if f.name == "transpose" else f


class _Products:
    """Chains become products of two."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.users = parents_of(program)
        self.roots = set(program.roots)
        self.known: dict[tuple[Array, ...], Array] = {}
        self.done: dict[Array, Array] = {}
        self.diagonal_only: set[Array] = set()
        for x in reversed(list(walk(*program.roots))):
            if x.rank == 2 and x not in self.roots and all(
                    u.name in ("diagonal", "trace") or u in self.diagonal_only and u.name in ENTRYWISE_LINEAR for u in self.users[x]):
                self.diagonal_only.add(x)

    def settled(self) -> Program:
        # gradients first: the value then uses what they compute
        order = sorted(self.program.results, key=lambda r: r[1].rank == 0)
        done = self.done
        for x in walk(*(x for _, x in order)):
            if x in self.diagonal_only and x.name in (*ENTRYWISE_LINEAR, "chain"):
                continue
            if x.name == "diagonal":
                done[x] = self._diagonal(x.args[0])
                continue
            if x.name == "trace":
                done[x] = self._trace(x.args[0])
                continue
            args = tuple(done[a] for a in x.args)
            if x.name == "chain":
                done[x] = intern("chain", args, (), x.shape) if self._is_consumed(x) else self.product(args)
            elif x.name == "inner" and any(a.name == "chain" for a in args):
                done[x] = self._inner(*args)
            else:
                done[x] = replace_args(x, args)
        return self.program.mapped(done)

    def _is_consumed(self, x: Array) -> bool:
        users = self.users[x]
        return len(users) == 1 and x not in self.roots and x.rank == 2 and users[0].name == "inner"

    def _diagonal(self, x: Array) -> Array:
        """diag(X), where nobody needs the rest of X: diag(A + BC) is diag(A) plus row sums of B∘Cᵀ."""
        if x not in self.diagonal_only or x.name not in (*ENTRYWISE_LINEAR, "chain"):
            return build("diagonal", self.done[x])
        if x.name == "transpose":
            return self._diagonal(x.args[0])
        if x.name == "chain":
            left, right = self._cut(tuple(self.done[a] for a in x.args))
            return build("row_inner", left, build("transpose", right))
        parts = [self.done[a] if a.rank < 2 else self._diagonal(a) for a in x.args]
        return build(x.name, *parts, attrs=x.attrs)

    def _trace(self, x: Array) -> Array:
        """tr(X), where nobody needs the rest of X: tr(AB) is Aᵀ:B."""
        if x not in self.diagonal_only or x.name not in (*ENTRYWISE_LINEAR, "chain"):
            return build("trace", self.done[x])
        if x.name == "transpose":
            return self._trace(x.args[0])
        if x.name == "chain":
            left, right = self._cut(tuple(self.done[a] for a in x.args))
            return build("inner", build("transpose", left), right)
        if x.name in ("add", "subtract", "negate"):
            return build(x.name, *(self._trace(a) for a in x.args))
        return build("sum", self._diagonal(x))

    def _inner(self, a: Array, b: Array) -> Array:
        if a.name == "chain":
            a, b = b, a
        if a.name == "chain":
            return build("inner", self.product(a.args), self.product(b.args))
        return self._inner_chain(a, b.args)

    def _cut(self, factors: Sequence[Array]) -> tuple[Array, Array]:
        """Cut a product in two where the two parts cost least."""
        cuts = range(1, len(factors))
        tree = cheapest_mean(factors, self._is_known(factors))
        cut = _leaves(tree[0]) if isinstance(tree, tuple) else 1
        assert cut in cuts
        return self.product(factors[:cut]), self.product(factors[cut:])

    def _inner_chain(self, a: Array, factors: tuple[Array, ...]) -> Array:
        """A:(B C) as (BᵀA):C or (A Cᵀ):B where a part of it is known, as A:(BC) otherwise."""
        head, last = factors[0], factors[-1]
        left = (build("transpose", head), a)
        right = (a, build("transpose", last))
        if left in self.known:
            return build("inner", self.known[left], self.product(factors[1:]))
        if right in self.known:
            return build("inner", self.known[right], self.product(factors[:-1]))
        return build("inner", a, self.product(factors))

    # ── one product ───────────────────────────────────────────────────────────────────────────────────────
    def product(self, factors: Sequence[Array]) -> Array:
        """The product of the factors in the best order."""
        if len(factors) == 1:
            return factors[0]
        if factors[0].rank == 1 and factors[-1].rank == 1:
            return self._scalar(tuple(factors))
        if factors[-1].rank == 1:
            return self._onto(factors[:-1], factors[-1])
        if factors[0].rank == 1:
            return self._onto([build("transpose", f) for f in reversed(factors[1:])], factors[0])
        return self._matrices(tuple(factors))

    def _onto(self, matrices: Sequence[Array], v: Array) -> Array:
        for m in reversed(matrices):
            v = self.apply(m, v)
        return v

    def _scalar(self, factors: tuple[Array, ...]) -> Array:
        """xᵀA…By: meet where most is known, else at the left end."""
        x, middle, y = factors[0], factors[1:-1], factors[-1]
        best = None
        for cut in range(len(middle) + 1):
            left = self._unknown([build("transpose", m) for m in middle[:cut]], x)
            right = self._unknown(list(reversed(middle[cut:])), y)
            if best is None or left + right < best[0]:
                best = (left + right, cut)
        assert best is not None
        cut = best[1]
        a = self._onto([build("transpose", m) for m in reversed(middle[:cut])], x)
        return build("inner", a, self._onto(middle[cut:], y))

    def _unknown(self, matrices: Sequence[Array], v: Array) -> int:
        for count, m in enumerate(matrices):
            found = self.known.get((m, v))
            if found is None:
                return len(matrices) - count
            v = found
        return 0

    def apply(self, m: Array, v: Array) -> Array:
        """Matrix times vector; a sum that nobody else needs is never formed."""
        found = self.known.get((m, v))
        if found is None:
            found = self.known[m, v] = self._applied(m, v)
        return found

    def _applied(self, m: Array, v: Array) -> Array:
        inside = _bare(m)
        turn = (lambda x: build("transpose", x)) if inside is not m else (lambda x: x)
        if inside.name == "diag_matrix":
            return build("multiply", inside.args[0], v)
        if inside.name == "kron":
            return self._kron_vector(turn(inside.args[0]), turn(inside.args[1]), v)
        if v.name == "full" and v.attrs[0] == 1:
            return build("row_sums" if inside is m else "column_sums", inside)
        if inside.name == "commutation":
            p, q = inside.attrs if inside is m else inside.attrs[::-1]
            return build("vec", build("transpose", build("unvec", v, attrs=(p, q))))
        if inside.name in SUMS and self._serves_vectors_only(inside):
            if inside.name == "add_diagonal":
                return build("add", self.apply(turn(inside.args[0]), v), build("multiply", inside.args[1], v))
            if inside.name != "multiply":
                return build(inside.name, *(self.apply(turn(a), v) for a in inside.args))
        return build("matmul", m, v)

    def _kron_vector(self, a: Array, b: Array, v: Array) -> Array:
        """(A⊗B)v = vec(B unvec(v) Aᵀ); by rows it is A V Bᵀ."""
        V = build("reshape", v, attrs=(a.shape[1], b.shape[1]))
        kept = [f for f in (a, V, build("transpose", b)) if f.name != "eye"]
        return build("reshape", self.product(kept), attrs=(a.shape[0] * b.shape[0],))

    def _serves_vectors_only(self, x: Array) -> bool:
        parents = [p for u in self.users.get(x, ()) for p in (self.users[u] if u.name == "transpose" else [u])]
        return (x not in self.roots and bool(parents) and all(a.shape == x.shape for a in x.args[:1])
                and (x.name == "add_diagonal" or all(a.shape == x.shape for a in x.args))
                and all(p.name == "chain" and 1 in (p.args[0].rank, p.args[-1].rank) for p in parents))

    # ── products of matrices ──────────────────────────────────────────────────────────────────────────────
    def _is_known(self, factors: Sequence[Array]):  # type: ignore[no-untyped-def]
        return lambda i, j: self._lookup(tuple(factors[i:j + 1])) is not None

    def _lookup(self, factors: tuple[Array, ...]) -> Array | None:
        found = self.known.get(factors)
        if found is None:
            other = self.known.get(tuple(build("transpose", f) for f in reversed(factors)))
            found = build("transpose", other) if other is not None else None
        return found

    def _matrices(self, factors: tuple[Array, ...]) -> Array:
        found = self._lookup(factors)
        if found is not None:
            return found
        tree = best_order(factors, self._is_known(factors))
        if tree is None and not any(_bare(f).name in LOCAL for f in factors):
            out = build("ordered_at_run_time", *factors)
        else:
            out = self._tree(factors, cheapest_mean(factors, self._is_known(factors)) if tree is None else tree)
        self.known[factors] = out
        return out

    def _tree(self, factors: tuple[Array, ...], tree: Tree) -> Array:
        if isinstance(tree, int):
            return factors[tree]
        first, last = _span(tree)
        segment = factors[first:last + 1]
        found = self._lookup(segment)
        if found is None:
            found = self.known[segment] = self._times(self._tree(factors, tree[0]), self._tree(factors, tree[1]))
        return found

    def _times(self, x: Array, y: Array) -> Array:
        if x.name == "diag_matrix":
            return build("multiply", build("column", x.args[0]), y)
        if y.name == "diag_matrix":
            return build("multiply", x, build("row", y.args[0]))
        return build("matmul", x, y)


def _leaves(tree: Tree) -> int:
    return 1 if isinstance(tree, int) else _leaves(tree[0]) + _leaves(tree[1])


def _span(tree: Tree) -> tuple[int, int]:
    if isinstance(tree, int):
        return tree, tree
    return _span(tree[0])[0], _span(tree[1])[1]


class _Systems:
    """Inverses become solves; a matrix that is solved with twice is factored once."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.solves: dict[Array, int] = defaultdict(int)
        self.formed: set[Array] = set()
        self.logdets: set[Array] = set()
        self._count()

    def _count(self) -> None:
        for x in walk(*self.program.roots):
            for i, a in enumerate(x.args):
                if _bare(a).name == "inv" and x.name == "matmul":
                    if not any(_bare(b).name == "inv" for b in x.args[:i]):
                        self.solves[_bare(a).args[0]] += 1
                        continue
                if a.name == "inv" and x.name != "transpose":
                    self.formed.add(a.args[0])
                elif a.name == "transpose" and a.args[0].name == "inv":
                    self.formed.add(a.args[0].args[0])
            if x.name == "logdet":
                self.logdets.add(x.args[0])
        self.formed |= {_bare(r).args[0] for r in self.program.roots if _bare(r).name == "inv"}

    def settled(self) -> Program:
        done: dict[Array, Array] = {}
        for x in walk(*self.program.roots):
            args = tuple(done[a] for a in x.args)
            if x.name == "matmul" and any(_bare(a).name == "inv" for a in x.args):
                done[x] = self._product(x, args, done)
            elif x.name == "logdet" and self._way(x.args[0]) != "once":
                done[x] = build(f"{self._way(x.args[0])}_logdet", self._factor(x.args[0], args[0]))
            else:
                done[x] = replace_args(x, args)
        return self.program.mapped(done)

    def _way(self, a: Array) -> str:
        """How systems with this matrix are solved: once, or by which factors."""
        count = self.solves[a]
        if a in self.formed:
            return "once"
        if is_definite(a) and (count or a in self.logdets):
            return "cholesky"
        return "lu" if count + (a in self.logdets) > 1 else "once"

    def _factor(self, a: Array, new: Array) -> Array:
        return build("cholesky" if self._way(a) == "cholesky" else "lu", new)

    def _product(self, x: Array, args: tuple[Array, ...], done: dict[Array, Array]) -> Array:
        left, right = x.args
        if _bare(left).name == "inv":
            if _bare(left).args[0] in self.formed:
                return replace_args(x, args)
            return self._solve(_bare(left).args[0], args[1], left.name == "transpose", done)
        if _bare(right).args[0] in self.formed:
            return replace_args(x, args)
        turned = self._solve(_bare(right).args[0], build("transpose", args[0]), right.name != "transpose", done)
        return build("transpose", turned)

    def _solve(self, a: Array, b: Array, transposed: bool, done: dict[Array, Array]) -> Array:
        new = done[a]
        way = self._way(a)
        if way == "once":
            return build("solve", build("transpose", new) if transposed else new, b)
        if way == "cholesky":
            return build("cholesky_solve", self._factor(a, new), b)
        return build("lu_solve", self._factor(a, new), b, attrs=(transposed,))


def _with_signs_inside(program: Program) -> Program:
    """−(A − B) is B − A where the difference has no other use; −2X for −(2X)."""
    users = parents_of(program)
    roots = set(program.roots)
    done: dict[Array, Array] = {}
    for x in walk(*program.roots):
        args = tuple(done[a] for a in x.args)
        inside = args[0] if args else x
        if x.name == "negate" and inside.name == "subtract" and len(users[x.args[0]]) == 1 and x.args[0] not in roots:
            done[x] = build("subtract", inside.args[1], inside.args[0])
        else:
            done[x] = replace_args(x, args)
    return program.mapped(done)
