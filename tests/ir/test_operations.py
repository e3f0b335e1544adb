"""The table of array operations, its laws by value, and the choices over whole programs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from matcalc.core.dims import ONE, Dim
from matcalc.ir.array import Array, build, intern, number, walk
from matcalc.ir.choose import choose
from matcalc.ir.facts import is_definite, is_semidefinite, is_symmetric
from matcalc.ir.laws import TABLE
from matcalc.ir.operations import OPERATIONS
from matcalc.ir.order import Orders
from matcalc.ir.program import Program, check

m, n, k, p, q = (Dim.name(letter) for letter in "mnkpq")
SIZES = {"m": 4, "n": 3, "k": 2, "p": 2, "q": 5}


def given(name: str, *shape: Dim, facts: tuple[str, ...] = ()) -> Array:
    return intern("input", (), (name, facts), shape)


A, B, C, D = given("A", m, n), given("B", m, n), given("C", n, k), given("D", n, n)
S = given("S", n, n, facts=("spd",))
u, v, w, x = given("u", m), given("v", n), given("w", n), given("x", m)
s, t = given("s"), given("t", facts=("positive",))
Big = given("G", p * m, p * n)


def raw(name: str, *args: Array, attrs: tuple[Any, ...] = ()) -> Array:
    return intern(name, args, attrs)


def T(y: Array) -> Array:
    return raw("transpose", y)


def full(value: int, *shape: Dim) -> Array:
    return raw("full", attrs=(value, *shape))


two, minus = number(2), raw("negate", A)
outer, diagonal, identity = raw("outer", u, v), raw("diag_matrix", v), raw("eye", attrs=(n,))
spread = raw("spread", raw("column", u), attrs=(m, n))
square = raw("power", A, attrs=(2,))
kron = raw("kron", raw("eye", attrs=(p,)), A)
chain = raw("chain", A, C)
product = raw("multiply", A, B)

squares = raw("power", v, attrs=(2,))
logs = raw("map", squares, attrs=("log",))
ratio = raw("map", raw("divide", squares, raw("power", w, attrs=(2,))), attrs=("log",))
after_one = raw("map", squares, attrs=("log1p",))

EXAMPLES: dict[str, tuple[Array, ...]] = {
    "multiply": (
        raw("multiply", squares, logs),
        raw("multiply", raw("add", number(1), squares), after_one),
        raw("multiply", minus, B),
        raw("multiply", A, two),
        raw("multiply", raw("det", D), T(raw("inv", D))),
        raw("multiply", raw("det", D), raw("chain", T(C), T(raw("inv", D)), C)),
        raw("multiply", raw("multiply", s, raw("power", raw("det", D), attrs=(2,))), raw("inv", D)),
        raw("multiply", number(Fraction(1, 3)), A),
        raw("multiply", s, outer),
        raw("multiply", s, diagonal),
        raw("multiply", s, identity),
        raw("multiply", s, full(1, m)),
        raw("multiply", A, full(1, m, n)),
        raw("multiply", A, spread),
        raw("multiply", A, raw("column", raw("divide", number(1), u))),
        raw("multiply", two, raw("divide", A, two)),
        raw("multiply", two, raw("multiply", number(3), A)),
    ),
    "divide": (
        raw("divide", minus, B),
        raw("divide", A, spread),
        raw("divide", outer, s),
        raw("divide", A, number(1)),
        raw("divide", two, number(3)),
    ),
    "inner": (
        raw("inner", squares, raw("subtract", logs, w)),
        raw("inner", squares, ratio),
        raw("inner", minus, B),
        raw("inner", raw("diag_matrix", v), D),
        raw("inner", identity, D),
        raw("inner", A, full(1, m, n)),
        raw("inner", outer, A),
        raw("inner", Big, kron),
        raw("inner", T(A), T(B)),
        raw("inner", B, A),
        raw("inner", s, t),
        raw("inner", raw("multiply", s, A), B),
    ),
    "outer": (raw("outer", raw("negate", u), v), raw("outer", u, full(1, n)), raw("outer", full(1, m), v)),
    "row_inner": (raw("row_inner", minus, B), raw("row_inner", T(A), T(B)), raw("row_inner", A, outer)),
    "column_inner": (
        raw("column_inner", T(A), T(B)),
        raw("column_inner", A, outer),
        raw("column_inner", minus, B),
    ),
    "power": (
        raw("power", minus, attrs=(2,)),
        raw("power", A, attrs=(3,)),
        raw("power", A, attrs=(4,)),
        raw("power", two, attrs=(3,)),
        raw("power", A, attrs=(-2,)),
        raw("power", raw("map", A, attrs=("exp",)), attrs=(Fraction(3, 2),)),
    ),
    "add": (
        raw("add", A, full(1, m, n)),
        raw("add", spread, A),
        raw("add", D, identity),
        raw("add", diagonal, D),
        raw("add", A, minus),
        raw("add", minus, B),
        raw("add", minus, raw("negate", B)),
        raw("add", two, two),
        raw("add", diagonal, identity),
    ),
    "subtract": (
        raw("subtract", v, raw("logsumexp", v, attrs=(None,))),
        raw("subtract", A, raw("column", raw("logsumexp", A, attrs=(1,)))),
        raw("subtract", A, full(2, m, n)),
        raw("subtract", D, diagonal),
        raw("subtract", identity, D),
        raw("subtract", A, minus),
        raw("subtract", minus, B),
    ),
    "spread": (
        raw("spread", two, attrs=(m, n)),
        raw("spread", u, attrs=(m,)),
        raw("spread", raw("negate", s), attrs=(m,)),
    ),
    "negate": (
        raw("negate", minus),
        raw("negate", two),
        raw("negate", raw("multiply", two, A)),
        raw("negate", identity),
    ),
    "add_diagonal": (raw("add_diagonal", raw("add_diagonal", D, s), v),),
    "transpose": (
        T(T(A)),
        T(outer),
        T(raw("column", u)),
        T(raw("row", u)),
        T(spread),
        T(full(1, m, n)),
        T(S),
        T(minus),
    ),
    "reshape": (
        raw("reshape", A, attrs=(m, n)),
        raw("reshape", raw("reshape", A, attrs=(m * n,)), attrs=(n, m)),
        raw("reshape", T(chain), attrs=(m * k,)),
        raw("reshape", full(1, m, n), attrs=(m * n,)),
        raw("reshape", raw("column", u), attrs=(m,)),
        raw("reshape", minus, attrs=(m * n,)),
    ),
    "diagonal": (
        raw("diagonal", diagonal),
        raw("diagonal", identity),
        raw("diagonal", T(D)),
        raw("diagonal", raw("add_diagonal", D, v)),
        raw("diagonal", raw("outer", v, w)),
        raw("diagonal", raw("negate", D)),
    ),
    "sum": (
        raw("sum", T(A)),
        raw("sum", product),
        raw("sum", raw("multiply", s, A)),
        raw("sum", square),
        raw("sum", outer),
        raw("sum", chain),
        raw("sum", diagonal),
        raw("sum", minus),
        raw("sum", s),
    ),
    "row_sums": (
        raw("row_sums", T(A)),
        raw("row_sums", outer),
        raw("row_sums", product),
        raw("row_sums", square),
        raw("row_sums", chain),
        raw("row_sums", diagonal),
        raw("row_sums", minus),
    ),
    "column_sums": (
        raw("column_sums", T(A)),
        raw("column_sums", outer),
        raw("column_sums", product),
        raw("column_sums", square),
        raw("column_sums", chain),
        raw("column_sums", diagonal),
        raw("column_sums", minus),
    ),
    "trace": (
        raw("trace", T(D)),
        raw("trace", diagonal),
        raw("trace", raw("multiply", s, D)),
        raw("trace", raw("add_diagonal", D, v)),
        raw("trace", raw("outer", v, w)),
        raw("trace", raw("negate", D)),
    ),
    "kron_right": (raw("kron_right", raw("eye", attrs=(p,)), Big, attrs=(m, n)),),
    "kron_left": (raw("kron_left", raw("eye", attrs=(p,)), given("H", m * p, n * p), attrs=(m, n)),),
    "chain": (
        raw("chain", raw("chain", A, D), C),
        raw("chain", A, identity, C),
        raw("chain", raw("multiply", s, A), C),
        raw("chain", minus, C),
        raw("chain", outer, C),
        raw("chain", outer, v),
        raw("chain", A, raw("diag_matrix", raw("spread", s, attrs=(n,))), C),
    ),
    "inv": (raw("inv", raw("inv", D)), raw("inv", T(D)), raw("inv", diagonal), raw("inv", raw("kron", D, S))),
    "map": (raw("map", raw("det", S), attrs=("log",)),),
    "column": (raw("column", raw("negate", u)),),
    "row": (raw("row", raw("negate", u)),),
    "part": (raw("part", minus, attrs=(Dim.of(1), Dim.of(2), Dim.of(0), Dim.of(2))),),
    "take_row": (raw("take_row", minus, attrs=(1,)),),
    "take_column": (raw("take_column", minus, attrs=(1,)),),
    "slice": (raw("slice", raw("negate", u), attrs=(Dim.of(1), Dim.of(2))),),
    "item": (raw("item", raw("negate", u), attrs=(1,)),),
    "diag_matrix": (raw("diag_matrix", raw("negate", v)),),
    "tril": (raw("tril", raw("negate", D)),),
    "triu": (raw("triu", raw("negate", D)),),
}


def values(*roots: Array) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    out = {}
    for y in walk(*roots):
        if y.name == "input":
            a = rng.standard_normal(tuple(d.at(SIZES) for d in y.shape))
            name, facts = y.attrs
            out[str(name)] = a @ a.T + 3 * np.eye(len(a)) if "spd" in facts else a  # type: ignore[operator]
    return out


def run(y: Array) -> Any:
    return Program((("y", y),)).run(values(y), SIZES)["y"]


@pytest.mark.parametrize("example", [e for row in EXAMPLES.values() for e in row], ids=repr)
def test_the_better_form_has_the_same_value(example: Array) -> None:
    better = build(example.name, *example.args, attrs=example.attrs)
    assert better is not example
    found, expected = Program((("y", better),)).run(values(example), SIZES)["y"], run(example)
    assert np.shape(found) == np.shape(expected) and np.allclose(found, expected)


@pytest.mark.parametrize("row", TABLE, ids=lambda r: f"{r.head}: {r.name}")
def test_every_law_fires_on_an_example(row: Any) -> None:
    assert any(row.better(*e.args, *e.attrs) is not None for e in EXAMPLES[row.head])


@pytest.mark.parametrize("example", [e for row in EXAMPLES.values() for e in row], ids=repr)
def test_the_stated_shape_is_the_shape_of_the_value(example: Array) -> None:
    assert np.shape(run(example)) == tuple(d.at(SIZES) for d in example.shape)


def test_the_table_names_each_operation_by_itself() -> None:
    assert all(name == operation.name for name, operation in OPERATIONS.items())


def test_shapes_that_do_not_fit_are_refused() -> None:
    for name, args in (("matmul", (A, A)), ("add", (A, D)), ("inner", (u, v)), ("solve", (A, u))):
        with pytest.raises(ValueError, match="do not fit"):
            raw(name, *args)


# ── whole programs ────────────────────────────────────────────────────────────────────────────────────────
def settled(y: Array) -> Array:
    program = choose(Program((("y", y),)))
    check(program)
    assert np.allclose(program.run(values(y), SIZES)["y"], run(y))
    return program.roots[0]


def names(y: Array) -> list[str]:
    return [z.name for z in walk(y)]


def test_matrix_times_vector_comes_first() -> None:
    y = settled(raw("chain", A, D, D, v))
    assert all(z.rank == 1 for z in walk(y) if z.name == "matmul")


def test_a_sum_that_serves_vectors_only_is_not_formed() -> None:
    y = settled(raw("chain", raw("add", raw("chain", A, D), B), v))
    assert all(z.rank == 1 for z in walk(y) if z.name in ("matmul", "add"))


def test_a_product_under_a_diagonal_or_a_trace_is_not_formed() -> None:
    for y in (settled(raw("diagonal", raw("chain", T(A), B))), settled(raw("trace", raw("chain", T(A), B))),
              settled(raw("diagonal", raw("add", raw("chain", T(A), B), D)))):
        assert "matmul" not in names(y)


def test_what_is_stretched_keeps_its_diagonal_and_its_products() -> None:
    for loose in (raw("row", v), raw("column", w)):
        product = raw("chain", raw("diagonal", raw("multiply", D, loose)), raw("add", D, loose), v)
        settled(product)
        settled(raw("trace", raw("add", D, loose)))
    settled(raw("inv", raw("diag_matrix", raw("spread", t, attrs=(n,)))))
    settled(raw("add", raw("multiply", s, identity), raw("multiply", t, identity)))


def test_sums_of_outer_products_stay_sums_of_outer_products() -> None:
    y = settled(raw("chain", D, raw("add", raw("outer", v, w), raw("outer", w, v)), D))
    assert all(z.rank == 1 for z in walk(y) if z.name == "matmul")


@pytest.mark.parametrize("other", [v, D, C])
@pytest.mark.parametrize("turned", [False, True])
def test_a_diagonal_plus_outer_products_is_not_formed_in_a_product(other: Array, turned: bool) -> None:
    reflector = raw("add_diagonal", raw("negate", raw("outer", v, w)), w)
    y = settled(raw("chain", T(reflector) if turned else reflector, other))
    assert not {"matmul", "add_diagonal"} & {z.name for z in walk(y) if z.rank == other.rank}
    assert "outer" not in names(y) or other.rank == 2
    rng = np.random.default_rng(5)
    values = {"v": rng.standard_normal(3), "w": rng.standard_normal(3), "D": rng.standard_normal((3, 3)),
              "C": rng.standard_normal((3, 2))}
    wanted = np.diag(values["w"]) - np.outer(values["v"], values["w"])
    found = Program((("y", y),)).run(values, SIZES)["y"]
    assert np.allclose(found, (wanted.T if turned else wanted) @ values[str(other.attrs[0])])


def test_kronecker_and_khatri_rao_products_with_a_vector_are_not_formed() -> None:
    for name, second, length in (("kron", D, n * n), ("khatri_rao", A, n)):
        z = raw("chain", raw(name, A, second), given("z", length))
        assert name not in names(settled(z))
    turned = raw("chain", T(raw("khatri_rao", A, B)), given("z", m * m))
    assert "khatri_rao" not in names(settled(turned))


def test_an_inverse_before_an_array_is_a_solve() -> None:
    assert "inv" not in names(settled(raw("chain", raw("inv", D), C)))
    assert "inv" not in names(settled(raw("chain", T(C), raw("inv", D))))
    assert "cholesky" in names(settled(raw("chain", raw("inv", S), v)))
    both = raw("outer", raw("chain", raw("inv", D), v), raw("chain", raw("transpose", raw("inv", D)), w))
    assert names(settled(both)).count("lu") == 1


def test_an_inverse_that_is_wanted_itself_serves_the_products_too() -> None:
    found = names(settled(raw("add", raw("inv", D), raw("chain", raw("inv", D), D))))
    assert "solve" not in found and found.count("inv") == 1


def test_the_order_of_a_product_follows_the_sizes() -> None:
    thin = given("U", m, Dim.of(2)), given("V", Dim.of(2), m), given("W", m, m)
    assert Orders(thin, lambda factors: False).everywhere() == (0, (1, 2))
    open_order = given("U", m, k), given("V", k, n), given("W", n, q)
    assert Orders(open_order, lambda factors: False).everywhere() is None
    assert "ordered_at_run_time" in names(settled(raw("chain", A, C, given("W", k, q))))


@pytest.mark.parametrize(("power", "products"), [(2, 1), (4, 2), (7, 4), (12, 4), (21, 6), (32, 5), (64, 6)])
def test_a_power_is_computed_by_repeated_squaring(power: int, products: int) -> None:
    assert names(settled(raw("chain", *[D] * power))).count("matmul") == products


def test_what_occurs_often_in_a_long_product_is_computed_once() -> None:
    period = (T(A), given("E", m, m), A)
    power = settled(raw("chain", *period * 21))
    assert names(power).count("matmul") <= 9 and "ordered_at_run_time" not in names(power)
    mixed = settled(raw("trace", raw("chain", *[D, S] * 9, *[T(D), S] * 4)))
    assert names(mixed).count("matmul") <= 9


def test_the_value_of_a_trace_uses_the_product_of_its_gradient() -> None:
    """tr(BAX) is X : (BA)ᵀ, whichever factor stands first."""
    X, Y, Z = given("X", m, n), given("Y", n, k), given("Z", k, m)
    for order in ((X, Y, Z), (Y, Z, X), (Z, X, Y)):
        results = ("value", raw("trace", raw("chain", *order))), ("X", T(raw("chain", Y, Z)))
        program = choose(Program(results))
        assert [x.name for x in walk(*program.roots)].count("matmul") == 1


def test_an_inner_product_with_a_transposed_product_uses_what_is_known() -> None:
    X, Y, Z = given("X", m, n), given("Y", n, k), given("Z", m, k)
    program = choose(Program((("value", build("inner", Z, T(raw("chain", T(Y), T(X))))), ("XY", raw("chain", X, Y)))))
    assert [x.name for x in walk(*program.roots)].count("matmul") == 1


def test_a_symmetric_matrix_is_solved_with_once_from_either_side() -> None:
    inverse = raw("inv", raw("add_diagonal", raw("chain", T(A), A), s))
    results = (("value", raw("chain", v, inverse, inverse, w)), ("v", raw("chain", inverse, v)),
               ("w", raw("chain", inverse, w)))
    found = [x.name for x in walk(*choose(Program(results)).roots)]
    assert found.count("lu_solve") == 2
    alone = choose(Program((("value", raw("chain", v, inverse, inverse, v)),)))
    assert [x.name for x in walk(*alone.roots)].count("solve") == 1


def test_softmax_and_its_log_share_one_exponential() -> None:
    for attrs, x in (((None,), v), ((1,), A)):
        results = ("s", raw("softmax", x, attrs=attrs)), ("l", raw("log_softmax", x, attrs=attrs))
        before = Program(results)
        program = choose(before)
        assert [y.name for y in walk(*program.roots)].count("softmax_pair") == 1
        point = {"v": np.arange(3.0), "A": np.arange(12.0).reshape(4, 3)}
        found, expected = program.run(point, SIZES), before.run(point, SIZES)
        assert all(np.allclose(found[name], expected[name]) for name in expected)
        assert choose(Program(results[:1])).roots[0].name == "softmax"


def test_unchosen_or_foreign_nodes_are_no_legal_program() -> None:
    with pytest.raises(ValueError, match="order of the product"):
        check(Program((("y", raw("chain", A, C)),)))
    with pytest.raises(ValueError, match="does not follow"):
        check(Program((("y", intern("negate", (A,), (), (n, m))),)))


def test_a_semidefinite_matrix_with_an_inverse_is_definite() -> None:
    """σ may be 0 in BᵀB + σ²I: with an inverse that is definite all the same."""
    gram, square = raw("chain", T(A), A), raw("power", s, attrs=(2,))
    weighted = raw("chain", T(A), raw("diag_matrix", raw("power", u, attrs=(2,))), A)
    for shift in (square, raw("map", s, attrs=("exp",)), raw("inner", u, u), raw("power", w, attrs=(2,))):
        for matrix in (gram, weighted, S, raw("multiply", square, S), raw("divide", gram, raw("inner", u, u))):
            assert "cholesky" in names(settled(raw("chain", raw("inv", raw("add_diagonal", matrix, shift)), v)))
    for unknown in (raw("add_diagonal", gram, s), raw("add_diagonal", D, square), raw("multiply", s, S)):
        assert "cholesky" not in names(settled(raw("chain", raw("inv", unknown), v)))


def test_facts() -> None:
    gram = raw("chain", T(A), A)
    assert is_symmetric(gram) and is_semidefinite(gram) and not is_definite(gram)
    assert is_definite(raw("add_diagonal", gram, t)) and not is_definite(raw("add_diagonal", gram, s))
    assert is_definite(raw("add", S, gram)) and is_definite(raw("inv", S)) and not is_symmetric(D)
    assert is_semidefinite(raw("chain", C, T(C))) and not is_semidefinite(raw("chain", T(D), D, D))
    assert is_semidefinite(raw("matmul", raw("matmul", T(C), S), C))


def test_what_is_shared_is_counted_once() -> None:
    program = Program((("a", raw("matmul", A, C)), ("b", raw("negate", raw("matmul", A, C)))))
    assert program.flops() is Dim.of(2) * m * n * k + m * k




def test_an_axis_of_length_one_is_an_axis() -> None:
    assert raw("column", u).shape == (m, ONE)
