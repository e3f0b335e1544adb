"""The Jacobian ∂vec(F)/∂vec(X)ᵀ: rows are outputs, columns inputs, both column by column.

The differential dF is linear in dX; vec of every linear form is a matrix times vec(dX).

Source: Magnus & Neudecker, Matrix Differential Calculus (2019), chapter 9.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from matcalc.core.algebra import (
    CHAIN,
    HAD,
    LIN,
    SCAL,
    TRANSPOSE,
    T,
    add,
    bag,
    commutation,
    eye,
    linear,
    mul,
    ones,
    scale,
    scaled,
    zeros,
)
from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import Expr, make
from matcalc.derive import kronecker
from matcalc.derive.forward import differential
from matcalc.derive.pullback import reaching
from matcalc.errors import UnsupportedError
from matcalc.operators.structure import block_ranges
from matcalc.rewrite.masks import freed, with_free_masks, with_masks
from matcalc.rewrite.shorten import Shortener, Work
from matcalc.rewrite.step import Step, step
from matcalc.rewrite.transposes import merged
from matcalc.rewrite.typed import read


def jacobian(F: Expr, x: Expr, trace: list[Step] | None = None) -> Expr:
    """The Jacobian of F with respect to the variable x.

    Shapes: F m×n, x p×q, result mn×pq.
    Raises:
        UnsupportedError: an operator has no differential or no vec form.
    """
    free = freed((x,)).get(x, x)
    work = Work()
    form = Shortener(work=work)(read(differential(read(with_free_masks(F, (x,)), trace), [free], trace), trace))
    return merged(Shortener(work=work)(read(with_masks(vectorised(form, free, trace), (x,)))))


def vectorised(form: Expr, x: Expr, trace: list[Step] | None = None) -> Expr:
    """The matrix J with vec(form) = J vec(dx), for a form linear in dx."""
    mark = make("d", x)
    if form.op.name == "zeros" or form is mark and form.is_scalar:
        return zeros((size(form), size(mark))) if form is not mark else ones((ONE, ONE))
    return _Vectoriser(mark, form, trace).of(form)


def size(e: Expr) -> Dim:
    """The number of entries of e."""
    return e.shape[0] * e.shape[1]


class _Vectoriser:
    """vec(e) = J vec(mark) for every node e of one form."""

    def __init__(self, mark: Expr, form: Expr, trace: list[Step] | None) -> None:
        self.mark, self.trace = mark, trace
        self.active = reaching(form, [mark])
        self.columns = size(mark)
        self.memo: dict[Expr, Expr] = {mark: eye(self.columns)}

    def of(self, e: Expr) -> Expr:
        """The matrix of one node; equal nodes are treated once."""
        if e not in self.active:
            return zeros((size(e), self.columns))
        if e not in self.memo:
            self.memo[e] = self.rule(e)
        return self.memo[e]

    def rule(self, e: Expr) -> Expr:
        """The matrix of one node, by the rule of its operator."""
        identity, rule = _RULES.get(e.op.name, ("", None))
        if rule is None:
            raise UnsupportedError(
                f"the Jacobian through {e.op.says or e.op.name} has no matrix form here",
                hint="ask for the gradient of a scalar function of it instead",
            )
        J = rule(self, e)
        if identity:
            step(identity, make("vec", e), mul(J, make("vec", self.mark)), "vectorise", self.trace)
        return J

    def sum(self, e: Expr) -> Expr:
        """vec is linear."""
        return linear([(c, self.of(t)) for c, t in zip(e.attrs, e.args, strict=True)], (size(e), self.columns))

    def chain(self, e: Expr) -> Expr:
        """vec(L X R) = (Rᵀ⊗L) vec(X)."""
        out = []
        for i, f in enumerate(e.args):
            if f in self.active:
                left = mul(*e.args[:i]) if i else eye(f.shape[0])
                right = mul(*e.args[i + 1 :]) if i + 1 < len(e.args) else eye(f.shape[1])
                if f.op.name == "Diag":  # L Diag(v) R moves with v: vec is khatri_rao(Rᵀ, L)v
                    J = mul(make("khatri_rao", T(right), left), self.of(f.args[0]))
                else:
                    J = mul(make("kron", T(right), left), self.of(f))
                out.append(J)
        return add(*out)

    def hadamard(self, e: Expr) -> Expr:
        """vec(H∘X) = Diag(vec H) vec(X)."""
        out = []
        for i, f in enumerate(e.args):
            if f in self.active:
                rest = bag(
                    [(b, p) for j, (b, p) in enumerate(zip(e.args, e.attrs, strict=True)) if j != i]
                    or [(ones(e.shape), 1)]
                )
                inner = self.of(f)
                out.append(mul(rest, inner) if e.is_scalar else mul(make("Diag", make("vec", rest)), inner))
        return add(*out)

    def scaling(self, e: Expr) -> Expr:
        """vec(sA): s times the matrix of A, vec(A) times the row of s."""
        s, A = e.args
        out = [scaled(s, self.of(A))] if A in self.active else []
        return add(*out, *([mul(make("vec", A), self.of(s))] if s in self.active else []))

    def transpose(self, e: Expr) -> Expr:
        """vec(Xᵀ) = K vec(X)."""
        f = e.args[0]
        K = commutation(*f.shape)
        return mul(K, self.of(f))

    def same(self, e: Expr) -> Expr:
        """vec and unvec move nothing."""
        return self.of(e.args[0])

    def frobenius(self, e: Expr) -> Expr:
        """A:X = vec(A)ᵀvec(X)."""
        a, b = e.args
        return add(*(mul(T(make("vec", other)), self.of(f)) for f, other in ((a, b), (b, a)) if f in self.active))

    def trace_of(self, e: Expr) -> Expr:
        """tr X = vec(I)ᵀvec(X)."""
        f = e.args[0]
        return mul(T(make("vec", eye(f.shape[0]))), self.of(f))

    def total(self, e: Expr) -> Expr:
        """sum X = 1ᵀvec(X)."""
        f = e.args[0]
        return mul(ones((ONE, size(f))), self.of(f))

    def Diag(self, e: Expr) -> Expr:
        """vec(Diag v) = khatri_rao(I, I)v."""
        n = e.shape[0]
        return mul(make("khatri_rao", eye(n), eye(n)), self.of(e.args[0]))

    def diag(self, e: Expr) -> Expr:
        """diag X = khatri_rao(I, I)ᵀvec(X)."""
        n = e.shape[0]
        return mul(T(make("khatri_rao", eye(n), eye(n))), self.of(e.args[0]))

    def symmetric(self, e: Expr) -> Expr:
        """vec(X ± Xᵀ)/2 = (I ± K)vec(X)/2."""
        inner = self.of(e.args[0])
        turned = mul(commutation(*e.shape), inner)
        return scale(Fraction(1, 2), add(inner, turned if e.op.name == "sym" else scale(-1, turned)))

    def triangle(self, e: Expr) -> Expr:
        """A triangle is the Hadamard product with the triangle of ones."""
        return mul(make("Diag", make("vec", make(e.op.name, ones(e.shape)))), self.of(e.args[0]))

    def part(self, e: Expr) -> Expr:
        """A part is E X Fᵀ with rows E and F of identities."""
        X = e.args[0]
        top, height, left, width = e.attrs
        rows, columns = _rows(X.shape[0], top, height), _rows(X.shape[1], left, width)
        return mul(make("kron", columns, rows), self.of(X))

    def embed(self, e: Expr) -> Expr:
        """A matrix put into zeros is EᵀX F."""
        X = e.args[0]
        top, left, m, n = e.attrs
        rows, columns = _rows(m, top, X.shape[0]), _rows(n, left, X.shape[1])
        return mul(make("kron", T(columns), T(rows)), self.of(X))

    def block(self, e: Expr) -> Expr:
        """vec of a row of blocks is their vecs below each other; else the sum over the blocks, each put into zeros."""
        if e.attrs[0] == 1 or e.shape[1] is ONE:
            return make("block", *map(self.of, e.args), rows=len(e.args), cols=1)
        out = []
        for k, b in enumerate(e.args):
            if b in self.active:
                top, height, left, width = block_ranges(e.args, e.attrs[0], e.attrs[1], k)
                rows, columns = _rows(e.shape[0], top, height), _rows(e.shape[1], left, width)
                out.append(mul(make("kron", T(columns), T(rows)), self.of(b)))
        return add(*out)


def _rows(n: Dim, top: Dim, height: Dim) -> Expr:
    """Rows of the identity."""
    return make("part", eye(n), top=top, height=height, left=Dim.of(0), width=n)


_RULES: dict[str, tuple[str, Callable[[_Vectoriser, Expr], Expr]]] = {
    LIN.name: ("", _Vectoriser.sum),
    CHAIN.name: ("vec/of-product", _Vectoriser.chain),
    HAD.name: ("vec/of-hadamard", _Vectoriser.hadamard),
    SCAL.name: ("vec/of-scaling", _Vectoriser.scaling),
    TRANSPOSE.name: ("vec/of-transpose", _Vectoriser.transpose),
    "vec": ("", _Vectoriser.same),
    "unvec": ("", _Vectoriser.same),
    "frob": ("vec/of-frobenius", _Vectoriser.frobenius),
    "tr": ("vec/of-trace", _Vectoriser.trace_of),
    "sum": ("vec/of-sum", _Vectoriser.total),
    "Diag": ("vec/of-Diag", _Vectoriser.Diag),
    "diag": ("vec/of-diag", _Vectoriser.diag),
    "sym": ("vec/of-sym", _Vectoriser.symmetric),
    "skew": ("vec/of-skew", _Vectoriser.symmetric),
    "tril": ("vec/of-tril", _Vectoriser.triangle),
    "triu": ("vec/of-triu", _Vectoriser.triangle),
    "part": ("vec/of-part", _Vectoriser.part),
    "embed": ("vec/of-embedded", _Vectoriser.embed),
    "block": ("vec/of-block", _Vectoriser.block),
    **{name: (f"vec/of-{name.replace('_', '-')}", rule) for name, rule in kronecker.RULES.items()},
}
"""For each operator the identity behind vec(e) = J vec(dx), where it is one, and the rule that makes J."""
