"""Small work stays on one core, and the setting comes back whatever happens."""

from collections.abc import Iterator

import pytest
import torch

from kvcore.cores import WORTH_WAKING, cores_for


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_little_work_runs_on_one_core_and_much_on_all() -> None:
    with cores_for(WORTH_WAKING - 1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2
    with cores_for(WORTH_WAKING):
        assert torch.get_num_threads() == 2


def test_an_error_gives_the_cores_back() -> None:
    with pytest.raises(ZeroDivisionError), cores_for(1):
        raise ZeroDivisionError
    assert torch.get_num_threads() == 2
