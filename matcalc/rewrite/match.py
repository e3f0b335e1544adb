"""Matching a row's pattern against a node: ordered segments of chains, sub-bags of Hadamard products, terms of sums.

A metavariable stands for any expression of its shape; its dimensions are bound with it. In a chain the rest
of the factors on both sides stays (the row rewrites a segment), a metavariable whose name ends in `…` takes
one factor or more; in a Hadamard bag the other bases and the exponents that are not used stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from matcalc.core.algebra import (
    CHAIN,
    COMMUTATION,
    DIMNUM,
    EYE,
    HAD,
    LIN,
    META,
    ONES,
    TRANSPOSE,
    ZEROS,
    T,
    bag,
    commutation,
    dimnum,
    eye,
    linear,
    mul,
    neg,
    ones,
    terms_of,
    tidy,
    zeros,
)
from matcalc.core.dims import Dim, Shape
from matcalc.core.tree import Expr, make, rebuild


@dataclass(frozen=True, slots=True)
class Binding:
    """What metavariables and their dimensions stand for."""

    exprs: dict[Expr, Expr] = field(default_factory=dict)
    dims: dict[str, Dim] = field(default_factory=dict)

    def with_shape(self, pattern: Shape, subject: Shape) -> Binding | None:
        """The binding that also gives `pattern` the shape `subject`, None where they clash."""
        dims = self.dims
        for want, have in zip(pattern, subject, strict=True):
            if want.is_number:
                if want is not have:
                    return None
            elif len(want.terms) == 1 and len(want.names) == 1 and want.terms[0][1] == 1 and len(want.terms[0][0]) == 1:
                (name,) = want.names
                bound = dims.get(name)
                if bound is None:
                    dims = {**dims, name: have}
                elif bound is not have:
                    return None
            elif want.names <= dims.keys() and want.subs(dims) is not have:
                return None
        return self if dims is self.dims else Binding(self.exprs, dims)

    def with_expr(self, meta: Expr, subject: Expr) -> Binding | None:
        """The binding that also gives `meta` the value `subject`."""
        bound = self.exprs.get(meta)
        if bound is not None:
            return self if bound is subject else None
        fitted = self.with_shape(meta.shape, subject.shape)
        return None if fitted is None else Binding({**fitted.exprs, meta: subject}, fitted.dims)


def matches(pattern: Expr, e: Expr, env: Binding) -> Iterator[Binding]:
    """Every way in which `e` is an instance of `pattern`."""
    op = pattern.op
    if op is META:
        found = env.with_expr(pattern, e)
        if found is not None:
            yield found
        return
    if op is TRANSPOSE and pattern.args[0].op is META:
        yield from matches(pattern.args[0], T(e), env)
        return
    if (
        op is LIN and len(pattern.args) == 1 and pattern.attrs[0] == -1
    ):  # −A stands for any expression, A for its negative
        yield from matches(pattern.args[0], neg(e), env)
        return
    if op is not e.op:
        return
    if op in (ONES, ZEROS, EYE, DIMNUM):
        fitted = env.with_shape(pattern.shape, e.shape)
        if fitted is not None:
            yield fitted
    elif op is LIN or op is HAD:
        if len(pattern.args) == len(e.args):
            yield from _bag(
                list(zip(pattern.args, pattern.attrs, strict=True)), list(zip(e.args, e.attrs, strict=True)), env
            )
    elif op is CHAIN:
        for found, rest in segments(pattern.args, e.args, env):
            if not rest:
                yield found
    elif op.name == "frob":
        yield from _ordered(pattern.args, e.args, env)
        if e.args[0] is not e.args[1]:
            yield from _ordered(pattern.args, e.args[::-1], env)
    elif len(pattern.args) == len(e.args) and (found := _with_attrs(pattern, e, env)) is not None:
        yield from _ordered(pattern.args, e.args, found)


def _with_attrs(pattern: Expr, e: Expr, env: Binding) -> Binding | None:
    """The binding under which the attributes agree: dimensions are bound, anything else is the same."""
    found: Binding | None = env
    for p, a in zip(pattern.attrs, e.attrs, strict=True):
        if found is not None and isinstance(p, Dim) and isinstance(a, Dim):
            found = found.with_shape((p, p), (a, a))
        elif p != a:
            return None
    return found


def _ordered(patterns: tuple[Expr, ...], subjects: tuple[Expr, ...], env: Binding) -> Iterator[Binding]:
    if not patterns:
        yield env
        return
    for found in matches(patterns[0], subjects[0], env):
        yield from _ordered(patterns[1:], subjects[1:], found)


def _bag(patterns: list[tuple[Expr, object]], subjects: list[tuple[Expr, object]], env: Binding) -> Iterator[Binding]:
    if not patterns:
        yield env
        return
    (pattern, mark), rest = patterns[0], patterns[1:]
    for i, (subject, other) in enumerate(subjects):
        if mark == other:
            for found in matches(pattern, subject, env):
                yield from _bag(rest, subjects[:i] + subjects[i + 1 :], found)


def segments(
    patterns: tuple[Expr, ...], factors: tuple[Expr, ...], env: Binding
) -> Iterator[tuple[Binding, tuple[Expr, ...]]]:
    """Ways in which the first factors are an instance of `patterns`: the binding and the factors left over."""
    if not patterns:
        yield env, factors
        return
    first = patterns[0]
    variable = first.args[0] if first.op is TRANSPOSE else first
    if variable.op is META and str(variable.attrs[0]).endswith("…"):
        for k in range(len(factors) - len(patterns) + 1, 0, -1):
            for found in matches(first, mul(*factors[:k]), env):
                yield from segments(patterns[1:], factors[k:], found)
        return
    if factors:
        for found in matches(first, factors[0], env):
            yield from segments(patterns[1:], factors[1:], found)


def rewrites(left: Expr, right: Expr, e: Expr) -> Iterator[Expr]:
    """Every result of applying the row left → right at the top of `e`, segments and sub-bags included."""
    if left.op is CHAIN and e.op is CHAIN:
        for i in range(len(e.args)):
            for env, rest in segments(left.args, e.args[i:], Binding()):
                yield mul(*e.args[:i], instantiate(right, env), *rest)
    elif left.op is HAD and e.op is HAD:
        yield from _in_bag(left, right, e)
    elif left.op is LIN and e.op is LIN and len(left.args) > 1:
        yield from _in_sum(left, right, e)
    else:
        for env in matches(left, e, Binding()):
            yield instantiate(right, env)


def _in_sum(left: Expr, right: Expr, e: Expr) -> Iterator[Expr]:
    """Some terms of a sum, all with the same factor in front: 2relu(x) − 2relu(−x) + y is 2x + y."""
    terms = list(terms_of(e))
    for k in dict.fromkeys(tidy(Fraction(c) / left.attrs[0]) for c, _ in terms):
        wanted: list[tuple[Expr, object]] = [(t, k * c) for c, t in terms_of(left)]
        for env in _bag(wanted, [(t, c) for c, t in terms], Binding()):
            yield linear([*terms, (-k, instantiate(left, env)), (k, instantiate(right, env))], e.shape)


def _in_bag(left: Expr, right: Expr, e: Expr) -> Iterator[Expr]:
    wanted = list(zip(left.args, left.attrs, strict=True))
    present = dict(zip(e.args, e.attrs, strict=True))
    for chosen, env in _sub_bag(wanted, list(present.items()), Binding()):
        rest = dict(present)
        for base, p in chosen:
            rest[base] = rest[base] - p
        yield bag([*rest.items(), (instantiate(right, env), 1)])


def _sub_bag(
    wanted: list[tuple[Expr, object]], present: list[tuple[Expr, object]], env: Binding
) -> Iterator[tuple[list[tuple[Expr, object]], Binding]]:
    if not wanted:
        yield [], env
        return
    (pattern, p), rest = wanted[0], wanted[1:]
    for i, (base, q) in enumerate(present):
        if q == p or (p > 0 and q >= p or p < 0 and q <= p) and (q - p).denominator == 1:  # type: ignore[operator]
            for found in matches(pattern, base, env):
                for chosen, final in _sub_bag(rest, present[:i] + present[i + 1 :], found):
                    yield [(base, p), *chosen], final


def instantiate(right: Expr, env: Binding) -> Expr:
    """The right side with every metavariable and dimension replaced."""
    if right.op is META:
        return env.exprs[right]
    m, n = (d.subs(env.dims) for d in right.shape)
    if right.op is ONES:
        return ones((m, n))
    if right.op is ZEROS:
        return zeros((m, n))
    if right.op is EYE:
        return eye(m)
    if right.op is COMMUTATION:
        return commutation(*(d.subs(env.dims) for d in right.attrs))
    if right.op is DIMNUM:
        return dimnum(right.attrs[0].subs(env.dims))
    args = tuple(instantiate(a, env) for a in right.args)
    if any(isinstance(a, Dim) for a in right.attrs):
        attrs = {
            k: a.subs(env.dims) if isinstance(a, Dim) else a
            for k, a in zip(right.op.attributes, right.attrs, strict=True)
        }
        return make(right.op.name, *args, **attrs)
    return rebuild(right, args)
