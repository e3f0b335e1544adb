"""Names for repeated parts, as at a blackboard: R for a residual, W for a weighted one, P for an inverse.

`fold` writes an expression in the names, `unfold` writes it out again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from matcalc.core.algebra import CHAIN, HAD, LIN, TRANSPOSE, T, bag, mul, scale, split_coefficient, var
from matcalc.core.dims import ONE
from matcalc.core.tree import Expr, rebuild, substitute, walk
from matcalc.derive.pullback import reaching
from matcalc.rewrite.cost import cost
from matcalc.rewrite.shorten import Shortener
from matcalc.rewrite.transposes import pulled_out
from matcalc.rewrite.typed import read

MATRICES = "RWMNPQZXYSTGHKLEFABCDUV"
LITTLE = 8  # symbols that a name must save in all the lines after it
VECTORS = "rwzqpstghkxyvuabcfmnl"  # no d, which marks differentials, and no e


@dataclass(frozen=True, slots=True)
class Names:
    """Named parts, each with its leaf and its definition in earlier names, in the order of definition."""

    leaves: tuple[Expr, ...]
    meanings: tuple[Expr, ...]  # written out
    definitions: tuple[Expr, ...]  # in the names before it

    def fold(self, e: Expr) -> Expr:
        """`e` written in the names."""
        found = _replace(e, tuple(zip(self.meanings, self.leaves, strict=True)))
        nested = [(d, x) for d, m, x in zip(self.definitions, self.meanings, self.leaves, strict=True) if d is not m]
        return _replace(found, nested) if nested else found  # M∘(B − A) is −S for R := A − B, S := M∘R

    def unfold(self, e: Expr) -> Expr:
        """`e` with every name written out."""
        return substitute(e, dict(zip(self.leaves, self.meanings, strict=True)))


    def without(self, names: Iterable[str]) -> Names:
        """The other names."""
        left = set(names)
        rows = zip(self.leaves, self.meanings, self.definitions, strict=True)
        kept = [row for row in rows if str(row[0].attrs[0]) not in left]
        return Names(*(zip(*kept, strict=True) if kept else ((), (), ())))


NO_NAMES = Names((), (), ())


def _replace(e: Expr, pairs: Iterable[tuple[Expr, Expr]]) -> Expr:
    table: dict[Expr, Expr] = {}
    for meaning, leaf in pairs:
        table[meaning] = leaf
        table.setdefault(T(meaning), T(leaf))
        if meaning.op.name in ("inv", "pinv") and (turned := pulled_out(T(meaning.args[0]))) is not None:
            table.setdefault(rebuild(meaning, (turned,)), T(leaf))  # the inverse of (A + B)ᵀ, as answers have it
        if meaning.op.transpose == "inside" and (other := _as_answers_have_it(T(meaning))) is not T(meaning):
            table.setdefault(other, T(leaf))
        c, inner = split_coefficient(meaning)
        if c != 1 and inner.op is LIN:  # 2E for FᵀF − I
            table.setdefault(inner, scale(1 / Fraction(c), leaf))
        for opposite in _opposites(meaning):
            table.setdefault(opposite, scale(-1, leaf))
            table.setdefault(T(opposite), scale(-1, T(leaf)))
    parts = [(meaning, leaf) for meaning, leaf in table.items() if meaning.op in (CHAIN, HAD)]
    whole = substitute(e, table)
    return _replace_parts(whole, parts) if parts else whole


@lru_cache(maxsize=1000)
def _as_answers_have_it(e: Expr) -> Expr:
    """The transpose of f(A + BC) as it stands in an answer: tanh(b1ᵀ + (XW)ᵀ)."""
    return Shortener()(e)


def _opposites(e: Expr) -> Iterator[Expr]:
    """−e as a sum, or as a product with a difference the other way round."""
    if e.op is LIN and len(e.args) > 1:  # of w := −r the leaf r is not −w
        yield scale(-1, e)
    if e.op in (CHAIN, HAD) and not e.is_scalar:
        for i, f in enumerate(e.args):
            if f.op is LIN and len(f.args) > 1 and (e.op is CHAIN or e.attrs[i] == 1):
                yield rebuild(e, (*e.args[:i], scale(-1, f), *e.args[i + 1 :]))


def _replace_parts(e: Expr, parts: list[tuple[Expr, Expr]]) -> Expr:
    """X D for A B C D where X := A B C, W∘Y for M∘R∘Y where W := M∘R."""
    done: dict[Expr, Expr] = {}
    for x in walk(e):
        y = rebuild(x, tuple(done[a] for a in x.args))
        for meaning, leaf in parts:
            if meaning.op is y.op is CHAIN:
                y = _replace_segment(y, meaning.args, leaf)
            elif meaning.op is y.op is HAD and not y.is_scalar:
                y = _replace_bases(y, meaning, leaf)
        done[x] = y
    return done[e]


def _replace_segment(e: Expr, segment: tuple[Expr, ...], leaf: Expr) -> Expr:
    n, i = len(segment), 0
    factors = list(e.args)
    while i + n <= len(factors):
        if tuple(factors[i : i + n]) == segment:
            factors[i : i + n] = [leaf]
        i += 1
    return mul(*factors) if len(factors) < len(e.args) else e


def _replace_bases(e: Expr, meaning: Expr, leaf: Expr) -> Expr:
    wanted = dict(zip(meaning.args, meaning.attrs, strict=True))
    present = dict(zip(e.args, e.attrs, strict=True))
    if any(present.get(b) != p for b, p in wanted.items()):
        return e
    return bag([*((b, p) for b, p in present.items() if b not in wanted), (leaf, 1)])


def named_leaf(name: str, meaning: Expr) -> Expr:
    """The leaf that stands for `meaning`; a symmetric matrix is its own transpose under its name, too."""
    symmetric = T(meaning) is meaning and not meaning.is_scalar
    return var(name, meaning.shape, frozenset({"sym"}) if symmetric else frozenset())


def _is_within(meaning: Expr, f: Expr) -> bool:
    """Whether `meaning` is no node of `f`, but a segment of one."""
    part = meaning.op in (CHAIN, HAD) and not meaning.is_scalar
    return part and _replace_parts(f, [(meaning, var("", meaning.shape))]) is not f


def name_parts(
    f: Expr,
    variables: tuple[Expr, ...],
    given: tuple[tuple[str, Expr], ...],
    taken: set[str],
    plain: frozenset[Expr] = frozenset(),
) -> Names:
    """The names for `f`: those that the writer gave, then one for each residual, Hadamard product and inverse.

    The parts in `plain` get none.
    """
    within = [meaning for _, meaning in given if _is_within(meaning, f)]
    order = list(walk(*within, f))
    active = set().union(*(reaching(root, variables) for root in (*within, f)))
    wanted: dict[Expr, str] = {}
    used = set(taken) | {str(e.attrs[0]) for e in order if e.op.name == "var"}
    for name, meaning in given:
        if meaning in active and meaning.args and meaning not in wanted:
            wanted[meaning] = name
            used.add(name)
    parents, chosen = _parents(order), frozenset(wanted)
    for e in order:
        alike = wanted.keys() & {e, T(e), scale(-1, e), scale(-1, T(e))}
        worthy = e in active and not alike and plain.isdisjoint((e, T(e)))
        if worthy and _worth_a_name(e, parents.get(e, [])) and not _is_of_a_letter(e, wanted):
            letter = _letter(e, used)
            if letter is None:
                break
            wanted[e] = letter
            used.add(letter)
    named = [(e, T(e) if e.shape[0] is ONE and e not in chosen else e) for e in order if e in wanted]
    meanings = [column for _, column in named]  # x − b, where xᵀ − bᵀ is what occurs
    leaves = [named_leaf(wanted[e], column) for e, column in named]
    definitions: list[Expr] = []
    for i, e in enumerate(meanings):
        definitions.append(_replace(e, tuple(zip(meanings[:i], leaves[:i], strict=True))))
    return Names(tuple(leaves), tuple(meanings), tuple(definitions))


def writers_names(definitions: tuple[tuple[str, Expr], ...]) -> Names:
    """The names of the text, each for its definition as shortened, as rewritten while reading, and as typed."""
    leaves: list[Expr] = []
    meanings: list[Expr] = []
    nested: list[Expr] = []
    for name, meaning in definitions:
        if not meaning.args or meaning.is_scalar and len(list(walk(meaning))) < 3:
            continue
        typed, before = read(meaning), tuple(zip(meanings, leaves, strict=True))
        for form in dict.fromkeys((Shortener()(typed), typed, meaning)):
            leaves.append(named_leaf(name, meaning))
            meanings.append(form)
            nested.append(_replace(form, before))
    return Names(tuple(leaves), tuple(meanings), tuple(nested))


def name_residuals(f: Expr, variables: tuple[Expr, ...]) -> Names:
    """Stand-ins for the sums in `f`, so that an answer can be shortened with each of them whole."""
    order = list(walk(f))
    active, parents = reaching(f, variables), _parents(order)
    sums = [e for e in order if e.op is LIN and e in active and _worth_a_name(e, parents.get(e, []))]
    meanings = tuple(e for e in sums if not any(T(e) is other for other in sums[: sums.index(e)]))
    leaves = tuple(named_leaf(f"r_{i}", e) for i, e in enumerate(meanings, 1))
    return Names(leaves, meanings, meanings)


def _parents(order: list[Expr]) -> dict[Expr, list[Expr]]:
    found: dict[Expr, list[Expr]] = {}
    for p in order:
        for a in p.args:
            found.setdefault(a, []).append(p)
    return found


def _worth_a_name(e: Expr, parents: list[Expr]) -> bool:
    if e.is_scalar or (e.op is LIN and len(e.args) == 1):
        return False
    if not parents or all(p.op is LIN and len(p.args) > 1 for p in parents):
        return False
    if e.op in (LIN, HAD):
        return not all(p.op.name in ("inv", "pinv") or e.op is HAD and p.op.name == "sum" for p in parents)
    return e.op.name in ("inv", "pinv") and bool(e.args[0].args)


def _is_of_a_letter(e: Expr, named: Iterable[Expr]) -> bool:
    """Whether e is the inverse or a power of a single letter, or of what has a name."""
    if len(e.args) != 1:
        return False
    inner = T(e.args[0]) if e.args[0].op is TRANSPOSE else e.args[0]
    return not inner.args or not {inner, T(inner), scale(-1, inner)}.isdisjoint(named)


def unused(names: Names, lines: Iterable[Expr]) -> frozenset[Expr]:
    """The meanings of the names that make the lines no shorter: used once, or for little that is written out."""
    uses = dict.fromkeys(names.leaves, 0)
    for e in lines:
        for leaf, count in _occurrences(e).items():
            if leaf in uses:
                uses[leaf] += count
    rows = zip(names.leaves, names.meanings, names.definitions, strict=True)
    return frozenset(
        meaning for leaf, meaning, definition in rows
        if uses[leaf] < 2 or uses[leaf] * (cost(definition) - 1) <= LITTLE
    )


def _occurrences(e: Expr) -> dict[Expr, int]:
    """How often each letter is written in e, ‖R‖ and dR not counted twice and not at all."""
    found: dict[Expr, dict[Expr, int]] = {}
    for x in walk(e):
        if not x.args:
            found[x] = {x: 1}
            continue
        here = found[x] = {}
        for a in () if x.op.name == "d" else dict.fromkeys(x.args):
            for leaf, count in found[a].items():
                here[leaf] = here.get(leaf, 0) + count
    return found[e]


def _letter(e: Expr, used: set[str]) -> str | None:
    pool = VECTORS if ONE in e.shape else MATRICES
    if e.op.name in ("inv", "pinv"):
        pool = "P" + pool
    elif e.op is HAD:
        pool = ("w" if ONE in e.shape else "W") + pool
    return next((c for c in pool if c not in used), None)


def name_repeated_blocks(names: Names, roots: tuple[Expr, ...], taken: set[str]) -> Names:
    """The names with one more for each compound matrix of which several blocks stand in `roots`."""
    count: dict[Expr, int] = {}
    for e in walk(*roots):
        if e.op.name == "part" and e.args[0].args:
            count[e.args[0]] = count.get(e.args[0], 0) + 1
    used = set(taken)
    leaves, meanings, definitions = list(names.leaves), list(names.meanings), list(names.definitions)
    for e, times in count.items():
        name = next((c for c in "CEFGK" + MATRICES if c not in used), None)
        if times > 1 and name is not None:
            used.add(name)
            leaves.append(var(name, e.shape))
            meanings.append(names.unfold(e))
            definitions.append(e)
    return names if len(leaves) == len(names.leaves) else Names(tuple(leaves), tuple(meanings), tuple(definitions))


def shared_parts(roots: tuple[Expr, ...], smallest: int = 8) -> list[Expr]:
    """The parts that occur more than once below `roots`, arguments before what uses them."""
    order = list(walk(*roots))
    uses: dict[Expr, int] = {}
    for p in order:
        for a in p.args:
            uses[a] = uses.get(a, 0) + 1
    return [e for e in order if uses.get(e, 0) > 1 and e.size >= smallest and e.op is not TRANSPOSE]


def name_shared(e: Expr, taken: set[str]) -> tuple[tuple[tuple[Expr, Expr], ...], Expr]:
    """A large answer with names for its repeated parts: the definitions in order, and the answer in the names.

    Written out, the gradient of a deep composition grows exponentially with the depth; with names it does not.
    """
    used = set(taken) | {str(x.attrs[0]) for x in walk(e) if x.op.name == "var"}
    table: dict[Expr, Expr] = {}
    definitions: list[tuple[Expr, Expr]] = []
    count = 0
    for part in shared_parts((e,)):
        if part in table:
            continue
        name = _letter(part, used)
        while name is None:
            count += 1
            candidate = f"{'t' if ONE in part.shape else 'T'}_{count}"
            name = None if candidate in used else candidate
        used.add(name)
        leaf = named_leaf(name, part)
        definitions.append((leaf, substitute(part, table)))
        table[part] = leaf
        table.setdefault(T(part), T(leaf))
    return tuple(definitions), substitute(e, table)
