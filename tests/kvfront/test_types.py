"""Scripts are what their comments say of them: types, checked by TypeScript."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TSC = ROOT / "tests" / "kvembed" / "node" / "node_modules" / ".bin" / "tsc"


@pytest.mark.skipif(not TSC.exists(), reason="needs `make node`")
def test_the_types_of_the_scripts_fit_together() -> None:
    checked = subprocess.run(
        [TSC, "--project", ROOT / "kvfront"],
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert checked.returncode == 0, checked.stdout
