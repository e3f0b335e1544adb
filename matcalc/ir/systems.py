"""How linear systems are solved: once, by one factorisation for several, or by the inverse itself."""

from __future__ import annotations

from collections import defaultdict

from matcalc.ir.array import Array, build, replace_args, walk
from matcalc.ir.facts import is_semidefinite, is_symmetric
from matcalc.ir.program import Program


def _bare(f: Array) -> Array:
    return f.args[0] if f.name == "transpose" else f


class Systems:
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
            elif x.name == "inv" and self._way(x.args[0]) == "cholesky":
                done[x] = build("cholesky_inverse", self._factor(x.args[0], args[0]))
            else:
                done[x] = replace_args(x, args)
        return self.program.mapped(done)

    def _way(self, a: Array) -> str:
        """How systems with this matrix are solved: once, or by which factors."""
        count = self.solves[a]
        if (count or a in self.formed) and is_semidefinite(a):  # and nonsingular, or it had no inverse
            return "cholesky"
        if a in self.formed:
            return "once"
        return "lu" if count + (a in self.logdets) > 1 else "once"

    def _factor(self, a: Array, new: Array) -> Array:
        return build("cholesky" if self._way(a) == "cholesky" else "lu", new)

    def _product(self, x: Array, args: tuple[Array, ...], done: dict[Array, Array]) -> Array:
        left, right = x.args
        if _bare(left).name == "inv":
            a = _bare(left).args[0]
            if a in self.formed and (right.rank == 2 or self._way(a) == "once"):
                return replace_args(x, args)
            return self._solve(_bare(left).args[0], args[1], left.name == "transpose", done)
        if _bare(right).args[0] in self.formed:
            return replace_args(x, args)
        turned = self._solve(
            _bare(right).args[0], build("transpose", args[0]), right.name != "transpose", done
        )
        return build("transpose", turned)

    def _solve(self, a: Array, b: Array, transposed: bool, done: dict[Array, Array]) -> Array:
        new = done[a]
        way = self._way(a)
        transposed = transposed and not is_symmetric(a)
        if way == "once":
            return build("solve", build("transpose", new) if transposed else new, b)
        if way == "cholesky":
            return build("cholesky_solve", self._factor(a, new), b)
        return build("lu_solve", self._factor(a, new), b, attrs=(transposed,))
