"""What emitted functions accept, keep, check and never do; and texts that try to get into the source."""

from __future__ import annotations

import ast
import threading
import warnings
from typing import Any

import numpy as np
import pytest

from matcalc.codegen.emit import Task, emit
from matcalc.core.algebra import dimnum, ones, var
from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import make
from tests.codegen.emitting import agree, compiled, draw, load, sizes_for, task_of
from tests.codegen.test_values import PROBLEMS

MASKED = "‖M∘(Y − U V')‖² + λ_u‖U‖² + λ_v‖V‖²"
DATA = draw(task_of(MASKED), {"m": 4, "n": 3, "k": 2})


def flat(result: Any) -> list[Any]:
    value, found = result
    return [value, *(found if isinstance(found, tuple) else (found,))]


def arrays(data: dict[str, Any], change: Any) -> dict[str, Any]:
    return {n: change(x) if isinstance(x, np.ndarray) and x.ndim else x for n, x in data.items()}


def strided(x: np.ndarray) -> np.ndarray:
    big = np.full(tuple(3 * n for n in x.shape), np.nan)
    big[tuple(slice(None, None, 3) for _ in x.shape)] = x
    return big[tuple(slice(None, None, 3) for _ in x.shape)]


KINDS = {
    "lists": np.ndarray.tolist,
    "fortran": np.asfortranarray,
    "strided": strided,
    "reversed": lambda x: x[::-1].copy()[::-1],
}


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p[0])
def test_arrays_of_every_layout_give_the_same_and_are_not_written_to(problem: tuple[str, ...]) -> None:
    task = task_of(*problem)
    f, data = compiled(task), draw(task, sizes_for(task))
    frozen = arrays(data, lambda x: x.copy())
    for x in frozen.values():
        if isinstance(x, np.ndarray):
            x.setflags(write=False)
    expected = flat(f(**frozen))
    assert all(np.array_equal(frozen[n], x) for n, x in data.items())
    for kind in KINDS.values():
        for found, wanted in zip(flat(f(**arrays(data, kind))), expected, strict=True):
            assert agree(found, wanted, 1e-10)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p[0])
def test_results_are_arrays_of_their_own(problem: tuple[str, ...]) -> None:
    task = task_of(*problem)
    f, data = compiled(task), draw(task, sizes_for(task))
    results = flat(f(**data))
    held = [x for x in [*data.values(), *results] if isinstance(x, np.ndarray)]
    for i, x in enumerate(held):
        assert all(not np.shares_memory(x, y) for y in held[i + 1:] if isinstance(y, np.ndarray))
    assert all(x.flags.writeable for x in results if isinstance(x, np.ndarray) and x.ndim)
    for (x, _), g in zip(task.gradients, results[1:], strict=True):
        assert np.shape(g) == np.shape(data[str(x.attrs[0])])


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p[0])
def test_float32_stays_float32(problem: tuple[str, ...]) -> None:
    task = task_of(*problem)
    f, data = compiled(task), draw(task, sizes_for(task))
    if not any(isinstance(x, np.ndarray) and x.ndim for x in data.values()):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # SciPy says that logm has float32's accuracy
        single = f(**arrays(data, lambda x: x.astype(np.float32)))
    for found, wanted in zip(flat(single), flat(f(**data)), strict=True):
        assert np.asarray(found).dtype == np.float32
        assert agree(found, wanted, 2e-2)


NEED_ENTRIES = ("[", "e_1", "eig", "‖X‖_2", "logm", "A^{1/3}")  # parts, largest values, SciPy's logarithm


@pytest.mark.parametrize("length", [0, 1])
@pytest.mark.parametrize(
    "problem", [p for p in PROBLEMS if not any(word in p[0] for word in NEED_ENTRIES)], ids=lambda p: p[0]
)
def test_lengths_zero_and_one(problem: tuple[str, ...], length: int) -> None:
    task = task_of(*problem)
    data = draw(task, dict.fromkeys(sizes_for(task), length))
    with np.errstate(all="ignore"):
        results = flat(compiled(task)(**data))
    assert np.ndim(results[0]) == 0
    for (x, _), g in zip(task.gradients, results[1:], strict=True):
        assert np.shape(g) == np.shape(data[str(x.attrs[0])])


@pytest.mark.parametrize(
    "text, name",
    [("‖A x − b‖", "x"), ("‖X‖_F", "X"), ("‖A X − B‖_F + λ‖X‖_F", "X"), ("tr(X'X)^{1/2}", "X")],
)
def test_the_gradient_of_a_norm_is_zero_at_zero(text: str, name: str) -> None:
    task = task_of(text, wrt=(name,))
    data = {n: np.zeros_like(x) for n, x in draw(task, sizes_for(task)).items()}
    value, g = compiled(task)(**data)
    assert value == 0 and np.array_equal(g, np.zeros(g.shape))


@pytest.mark.parametrize(
    "text, wrt",
    [
        ("sum(log(1 + exp(−y∘(X w))))", "w"),
        ("logsumexp(X w)", "w"),
        ("log(sum(exp(X w)))", "w"),
        ("sum(sigmoid(X w))", "w"),
        ("sum(log(sigmoid(X w)))", "w"),
        ("y'softmax(X w)", "w"),
        ("sum(softplus(X w))", "w"),
        ("sum(log(cosh(X w)))", "w"),
        ("y'exp(X w)/sum(exp(X w))", "w"),
        ("sum(1./(1 + exp(X w)))", "w"),
        ("log(z'exp(X w))", "w"),
        ("(z'exp(X w))/(y'exp(X w))", "w"),
        ("sum(tanh(X w))", "w"),
    ],
)
def test_huge_margins_do_not_overflow(text: str, wrt: str) -> None:
    task = task_of(text, wrt=(wrt,))
    data = {
        "X": np.array([[1.0, 0], [0, 1], [1, 1], [-1, 0]]),
        "w": np.array([1e4, -1e4]),
        "y": np.array([1.0, -1, 1, 1]),
        "z": np.array([1.0, 2, 3, 4]),
    }
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, g = compiled(task)(**{n: data[n] for n in (str(p.attrs[0]) for p in task.parameters)})
    assert np.isfinite(value) and np.isfinite(g).all()


def test_log_determinants_of_large_matrices_do_not_overflow() -> None:
    task = task_of("log(det(X))")
    value, g = compiled(task)(X=1e3 * np.eye(400))
    assert agree(value, 400 * np.log(1e3), 1e-12) and agree(g, 1e-3 * np.eye(400), 1e-12)
    with np.errstate(invalid="ignore"):
        assert np.isnan(compiled(task)(X=np.diag([1.0, -1.0]))[0])


# ── what is refused ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("change, message", [
    ({"Y": np.ones((3, 4))}, r"Y has shape \(3, 4\), but \(m, n\) = \(4, 3\) is needed"),
    ({"U": np.ones(4)}, r"U has shape \(4,\), but \(m, k\) is needed"),
    ({"λ_u": np.ones(2)}, r"λ_u has shape \(2,\), but a scalar is needed"),
    ({"M": np.ones((4, 3)) * 1j}, "M must hold real numbers"),
    ({"M": [["a", "b", "c"]] * 4}, "M must hold real numbers"),
    ({"V": [[1.0, 2], [3]]}, "inhomogeneous")])
def test_wrong_arguments(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        compiled(task_of(MASKED))(**{**DATA, **change})


def test_a_matrix_of_one_column_gets_a_hint() -> None:
    with pytest.raises(
        ValueError, match=r"x has shape \(2, 1\), but \(n,\) = \(2,\) is needed; pass x.ravel\(\)"
    ):
        compiled(task_of("‖A x − b‖²"))(A=np.ones((3, 2)), x=np.ones((2, 1)), b=np.ones(3))


def test_a_missing_argument_is_named() -> None:
    with pytest.raises(TypeError, match="'Y'"):
        compiled(task_of(MASKED))(**{n: x for n, x in DATA.items() if n != "Y"})


def test_conditions_between_dimensions_are_checked() -> None:
    task = task_of("‖khatri_rao(B', A)x − y‖²", "A ∈ R^{m×k}", "B ∈ R^{k×n}", "y ∈ R^20")
    data = {"A": np.ones((4, 2)), "B": np.ones((2, 5)), "x": np.ones(2), "y": np.ones(20)}
    assert compiled(task)(**data)[0] == 20.0
    with pytest.raises(ValueError, match=r"y has shape \(20,\), but \(mn,\) = \(16,\)"):
        compiled(task)(**{**data, "B": np.ones((2, 4))})


def test_a_dimension_that_stands_only_in_a_power_or_a_product() -> None:
    square = compiled(task_of("sum(unvec(c, n, n)A)", "c ∈ R^{n²}", "A ∈ R^{n×n}"))
    assert square(c=np.arange(4.0), A=np.eye(2))[0] == 6.0
    alone = compiled(task_of("sum((unvec(c, n, n)⊗I_2).^2)", "c ∈ R^{n²}"))
    assert alone(c=np.arange(9.0))[0] == 408.0
    with pytest.raises(ValueError, match=r"c has shape \(8,\), but \(n²,\) = \(9,\) is needed"):
        alone(c=np.ones(8))
    with_sizes = compiled(task_of("sum(unvec(c, m, n).^3)", "c ∈ R^{mn}"))
    assert with_sizes(c=np.ones(6), m=2, n=3)[0] == 6.0
    with pytest.raises(ValueError, match=r"c has shape \(7,\)"):
        with_sizes(c=np.ones(7), m=2, n=3)


def test_a_condition_that_no_shape_shows() -> None:
    task = task_of("c'vech(X)", "X ∈ R^{n×n}")
    with pytest.raises(ValueError, match=r"2h = n² \+ n is needed, but 2h is 8 and n² \+ n is 6"):
        compiled(task)(c=np.ones(4), X=np.eye(2))


def test_a_dimension_that_no_array_fixes_is_a_keyword() -> None:
    n, m = Dim.name("n"), Dim.name("m")
    x = var("x", (n, ONE))
    task = Task("p", make("frob", x, x) * dimnum(m), ((x, x * dimnum(m) * 2),), (x,))
    assert compiled(task)(x=[1.0, 2.0], m=3)[0] == 15
    with pytest.raises(ValueError, match=r"m = 1\.5 is no dimension"):
        compiled(task)(x=[1.0], m=1.5)


def test_dimensions_inside_larger_ones_are_found() -> None:
    task = task_of("Y:(I_p⊗X)", "X ∈ R^{m×n}")
    f = compiled(task)
    with pytest.raises(ValueError, match=r"Y has shape \(6, 7\)"):
        f(X=np.ones((2, 3)), Y=np.ones((6, 7)))


# ── names and texts ───────────────────────────────────────────────────────────────────────────────────────
HOSTILE = [
    '"""',
    "'''",
    "\\",
    'x"""\nimport os\nos.abort()\n"""',
    "\\N{BULLET}",
    "{0}",
    "%s",
    "\x00\x1b[31m",
    "\u202e",
    "ᵀ\ud800",
    "#",
    '\\"""',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_stay_in_docstrings(text: str) -> None:
    task = task_of("‖A x − b‖²", wrt=("x",))
    hostile = Task(
        text,
        task.objective,
        task.gradients,
        task.parameters,
        {"objective": text, "x": text},
        (text,),
        {"A": text, "x": text},
    )
    source = emit(hostile)
    source.encode("utf-8")
    tree = ast.parse(source)
    assert len([n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]) == 1
    assert agree(load(source, "value_and_gradient")(A=np.eye(2), x=[1, 2], b=[0, 0])[1], [2, 4], 1e-12)
    assert source.isprintable() or all(c.isprintable() or c == "\n" for c in source)


@pytest.mark.parametrize(
    "name",
    [
        "np",
        "linalg",
        "special",
        "dtype",
        "value",
        "len",
        "grad_x",
        "_fit",
        "R",
        "W",
        "n",
        "lambda",
        "class",
        "x y",
        "x;import os",
        'x"',
            "ﬁ",
        "λ",
        "x̂",
        "1x",
        "range",
        "max",
        "float",
    ],
)
def test_any_name_of_a_variable(name: str) -> None:
    n = Dim.name("n")
    x, S = var(name, (n, ONE)), var("S", (n, n), frozenset({"spd"}))
    f = make("frob", x, mul_inv(S, x)) + make("logdet", S)
    task = Task("p", f, ((x, mul_inv(S, x) * 2),), (x, S))
    source = emit(task)
    ast.parse(source)
    keyword = source.split("(*, ")[1].split(",")[0]
    value, g = load(source, "value_and_gradient")(**{keyword: np.array([1.0, 2.0]), "S": 2 * np.eye(2)})
    assert agree(value, 2.5 + np.log(4), 1e-12) and agree(g, [1.0, 2.0], 1e-12)


def mul_inv(S: Any, x: Any) -> Any:
    return make("inv", S) @ x


@pytest.mark.parametrize("dim", ["n", "x", "np", "S", "len", "2n", 'n"', "λ"])
def test_any_name_of_a_dimension(dim: str) -> None:
    n = Dim.name(dim)
    x = var("x", (n, ONE))
    task = Task("p", make("frob", x, x) + make("sum", ones((n, n))), ((x, x * 2),), (x,))
    assert agree(compiled(task)(x=[1.0, 2.0])[0], 9.0, 1e-12)


def test_the_same_task_gives_the_same_bytes() -> None:
    assert len({emit(task_of(MASKED)) for _ in range(3)}) == 1


def test_calls_from_several_threads() -> None:
    f, expected = compiled(task_of(MASKED)), flat(compiled(task_of(MASKED))(**DATA))
    wrong: list[Any] = []

    def call() -> None:
        for _ in range(200):
            wrong.extend(
                x for x, y in zip(flat(f(**DATA)), expected, strict=True) if not np.array_equal(x, y)
            )

    threads = [threading.Thread(target=call) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


def test_long_lines_are_broken_by_names() -> None:
    texts = [emit(task_of(*problem)) for problem in PROBLEMS]
    texts.append(emit(task_of("logdet(A) + tr(inv(A)B) − logdet(B) + a'inv(A)a + b'inv(B)b", "A, B ∈ SPD(n)")))
    for source in texts:
        body = source[source.rindex('    """\n', 0, source.index("return ")):source.index("return ")]
        assert all(len(line) <= 105 or "raise" in line for line in body.splitlines()), source
    assert "factor_2 = linalg.cho_factor" in texts[-1]
