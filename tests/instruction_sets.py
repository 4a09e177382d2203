"""Run the engine's tests as other processors would, with one thread and with two.

Not collected by pytest; `make test-all` runs it, by hand `python tests/instruction_sets.py`. What
follows on the command line goes to pytest. The exit code is 1 when one of the runs fails.
"""

import itertools
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Each library that multiplies has a switch of its own. MKL heeds its first one on Intel's
# processors alone, and the second, which takes it down to SSE2, on all. FBGEMM needs AVX2.
SETS = {
    "all that this processor has": {},
    "AVX2": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "FBGEMM_ENABLE_INSTRUCTIONS": "AVX2",
    },
    "SSE4": {
        "ATEN_CPU_CAPABILITY": "default",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
        "MKL_CBWR": "COMPATIBLE",
        "FBGEMM_ENABLE_INSTRUCTIONS": "AVX2",
    },
}
THREADS = ("1", "2")


def main() -> int:
    tests = [sys.executable, "-m", "pytest", "tests/kvcore", *sys.argv[1:]]
    failed = []
    for (name, switches), threads in itertools.product(SETS.items(), THREADS):
        run = f"{name}, {threads} {'thread' if threads == '1' else 'threads'}"
        print(
            f"\n{run}: {' '.join(f'{key}={value}' for key, value in switches.items())}", flush=True
        )
        counts = {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
        if subprocess.run(
            tests, cwd=ROOT, env=os.environ | switches | counts, check=False
        ).returncode:
            failed.append(run)
    print(f"\nfailed: {'; '.join(failed)}" if failed else "\nall of them passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
