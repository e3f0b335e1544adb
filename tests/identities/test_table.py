"""Every identity holds by value, binds its variables, and has its own name."""

from __future__ import annotations

import pytest

import matcalc.operators  # noqa: F401
from matcalc.check.equal import check_equal
from matcalc.core.tree import walk
from matcalc.identities import Identity, table


@pytest.mark.parametrize("row", table(), ids=lambda row: row.name)
def test_holds_by_value(row: Identity) -> None:
    evidence = check_equal(row.left, row.right)
    assert evidence.ok, evidence.why


@pytest.mark.parametrize("row", table(), ids=lambda row: row.name)
def test_binds_every_variable_of_the_right_side(row: Identity) -> None:
    bound = {e for e in walk(row.left) if e.op.name == "meta"}
    assert {e for e in walk(row.right) if e.op.name == "meta"} <= bound
    assert row.left.shape == row.right.shape


def test_a_false_identity_is_caught() -> None:
    row = next(r for r in table() if r.name == "frobenius/across-product-left")
    assert not check_equal(row.left, 2 * row.right).ok


def test_names_are_topic_slash_what() -> None:
    for row in table():
        topic, _, what = row.name.partition("/")
        assert topic and what and row.says, row.name
