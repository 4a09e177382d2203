"""A real decoder whose KV cache can be watched.

    import kvcore
    decoder = kvcore.load()
    trace = decoder.engine.generate(decoder.tokenizer.encode("The cat"), kvcore.RunConfig())

`kvcore.look(trace.steps[0], layer=0)` then gives q, k, v, scores, mask, weights and z.
"""

import os

# Idle helper threads sleep instead of spinning. Where something else is busy on the same cores (a
# browser, another visitor), a decode step of SmolLM2 then takes about as long as without it, and
# not 2 to 60 times as long; where nothing is, it takes 27 ms and not 17: measured on two cores with
# one busy process and with none.
# OpenMP reads this when torch is loaded, so it stands before everything that imports torch, and
# what the user has set is kept: ACTIVE is right for a machine that does nothing else.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from kvcore.cache import PagedPool
from kvcore.checkpoint.fetch import Progress, fetch, is_fetched, model_folder
from kvcore.decoder import Decoder, load
from kvcore.engine.engine import Engine
from kvcore.engine.scheduler import Scheduler
from kvcore.engine.session import Session
from kvcore.records.accounting import (
    StepCost,
    kv_bytes_per_token,
    mla_bytes_per_token,
    run_costs,
    step_cost,
)
from kvcore.records.cache_specs import (
    CacheSpec,
    Contiguous,
    NoCache,
    Paged,
    Quantized,
    Rolling,
    Static,
)
from kvcore.records.config import ModelConfig, RunConfig, SamplingParams, Visibility
from kvcore.records.step_timings import Lap, RaceResult
from kvcore.records.trace import (
    CacheSnapshot,
    Chunk,
    LayerSnapshot,
    LayerTrace,
    PagedSnapshot,
    QuantizedSnapshot,
    Recording,
    Step,
    Trace,
)
from kvcore.study.cell import Cell, cell
from kvcore.study.compare import (
    TOLERANCE,
    Change,
    Verdict,
    changed_rows,
    max_gap,
    verify,
    verifying,
    verifying_race,
)
from kvcore.study.counting import Counts, count_last_step, counting
from kvcore.study.damage import damage
from kvcore.study.deletion import Deletion, delete
from kvcore.study.look import key_norms, likeliest, look
from kvcore.study.quality import Damage, Quality, quality, trace_quality
from kvcore.study.race import race
from kvcore.study.whatif import (
    KeyAtWrongPosition,
    KeyRotatedTwice,
    KRowDropped,
    MaskInWrongCorner,
    MaskOff,
    OldQDropped,
    StaleRow,
    VRowDropped,
    WhatIf,
    WhatIfResult,
    what_if,
)
from kvcore.text.tokenizer import Tokenizer, TokenLabel

__all__ = [
    "TOLERANCE",
    "CacheSnapshot",
    "CacheSpec",
    "Cell",
    "Change",
    "Chunk",
    "Contiguous",
    "Counts",
    "Damage",
    "Decoder",
    "Deletion",
    "Engine",
    "KRowDropped",
    "KeyAtWrongPosition",
    "KeyRotatedTwice",
    "Lap",
    "LayerSnapshot",
    "LayerTrace",
    "MaskInWrongCorner",
    "MaskOff",
    "ModelConfig",
    "NoCache",
    "OldQDropped",
    "Paged",
    "PagedPool",
    "PagedSnapshot",
    "Progress",
    "Quality",
    "Quantized",
    "QuantizedSnapshot",
    "RaceResult",
    "Recording",
    "Rolling",
    "RunConfig",
    "SamplingParams",
    "Scheduler",
    "Session",
    "StaleRow",
    "Static",
    "Step",
    "StepCost",
    "TokenLabel",
    "Tokenizer",
    "Trace",
    "VRowDropped",
    "Verdict",
    "Visibility",
    "WhatIf",
    "WhatIfResult",
    "cell",
    "changed_rows",
    "count_last_step",
    "counting",
    "damage",
    "delete",
    "fetch",
    "is_fetched",
    "key_norms",
    "kv_bytes_per_token",
    "likeliest",
    "load",
    "look",
    "max_gap",
    "mla_bytes_per_token",
    "model_folder",
    "quality",
    "race",
    "run_costs",
    "step_cost",
    "trace_quality",
    "verify",
    "verifying",
    "verifying_race",
    "what_if",
]
