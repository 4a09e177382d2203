"""The table of mutations fits the engine as it is: every row still breaks something."""

import ast

import pytest

from tests.breaking import Mutation
from tests.mutations import MUTATIONS


def test_every_mutation_stands_once_in_the_function_that_it_names() -> None:
    stale = []
    for mutation in MUTATIONS:
        try:
            ast.parse(mutation.source())
        except (ValueError, SyntaxError) as error:
            stale.append(f"{mutation.name}: {error}")
    assert not stale, "\n".join(stale)


def test_no_two_mutations_have_one_name() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)


@pytest.mark.parametrize(
    ("where", "old", "message"),
    [
        ("Session.gone", "self", "kvcore has 0 definitions of Session.gone"),
        ("update", "self", "kvcore has .* definitions of update"),
        ("Session.step", "def update", "Session.step holds 'def update' 0 times: not once"),
        ("kvcore.engine.session", "def ", "holds 'def ' .* times: not once"),
    ],
)
def test_a_row_whose_function_or_text_is_gone_says_so(where: str, old: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"a row: .*{message}"):
        Mutation("a row", where, old, "").source()
