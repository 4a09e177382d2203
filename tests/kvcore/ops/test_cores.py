"""Small work stays on one core, and the setting comes back whatever happens."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import torch

from kvcore.ops.cores import WORTH_WAKING, cores_for


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


def test_a_core_that_spins_is_woken_sooner() -> None:
    asked = "import kvcore.ops.cores; print(kvcore.ops.cores.WORTH_WAKING)"
    worth = [
        int(
            subprocess.run(
                [sys.executable, "-c", asked],
                env={**os.environ, "OMP_WAIT_POLICY": policy},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for policy in ("active", "PASSIVE")
    ]
    assert worth[0] < worth[1]
