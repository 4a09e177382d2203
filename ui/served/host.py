"""The models of this server: one Decoder of each in the process, and one queue in front of them.

They are kept in this module and not in `st.cache_resource`, which any visitor's browser can clear
for everyone.
"""

from __future__ import annotations

import gc
import logging
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import kvcore
from kvcore import Decoder, Scheduler
from kvcore.checkpoint.embedded import TINY, tiny_folder
from kvcore.checkpoint.fetch import NAMES, FetchError, Progress, fetch, is_fetched
from ui.served.later import LaterError

_LOG: Final = logging.getLogger(__name__)

# Every call of a model passes through here. Streamlit runs each script in a thread of its own, and
# one that is new to torch first builds its team of helpers: a step was measured 1.3 times slower.
scheduler: Final = Scheduler("model")
run: Final = scheduler.run


@dataclass(frozen=True)
class Status:
    """Where a model is: `progress` while it is fetched, and why it failed.

    `reason` is that of a FetchError, or "folder" for weights that cannot be loaded. What exactly is
    wrong names folders of this machine: it goes into the log, which visitors do not read.
    """

    state: Literal["absent", "fetching", "loading", "ready", "failed"]
    progress: Progress | None = None
    reason: str = ""


class _Model:
    """One model and how far it has come."""

    def __init__(self, name: str, folder: Path | None = None) -> None:
        self.name = name
        self.folder = folder
        self.status = Status("absent")
        self.decoder: Decoder | None = None
        self._lock = threading.Lock()
        self._work: threading.Thread | None = None

    @property
    def here(self) -> bool:
        """Whether its weights are on this machine."""
        return self.folder is not None or is_fetched(self.name)

    def start(self) -> None:
        """Load it in the background, fetching it first if it is not here; once at a time."""
        with self._lock:
            if self.status.state in ("fetching", "loading", "ready"):
                return
            self.status = Status("loading" if self.here else "fetching")
            self._work = threading.Thread(target=self._run, name=f"load {self.name}", daemon=True)
            self._work.start()

    def wait(self, seconds: float) -> Status:
        """Wait until it is ready or has failed."""
        if self._work:
            self._work.join(seconds)
        return self.status

    def _run(self) -> None:
        try:
            if not self.here:
                fetch(self.name, lambda progress: self._set(Status("fetching", progress)))
            self._set(Status("loading"))
            loaded = kvcore.load(self.folder or self.name)
            _warm_up(loaded)
            self.decoder = replace(loaded, name=self.name)  # two folders may be called alike
            self._set(Status("ready"))
        except Exception as error:  # a visitor is told, and can try again
            _LOG.exception("could not load the model %s", self.name)
            reason = error.reason if isinstance(error, FetchError) else "folder"
            self._set(Status("failed", reason=reason))

    def _set(self, status: Status) -> None:
        self.status = status


def configured(text: str) -> dict[str, _Model]:
    """The models of KVCACHE_MODELS, "name=/folder;name=/folder", then ours and those to be fetched.

    ValueError for an entry that is not name=folder, or a name given twice.
    """
    ours = {TINY: _Model(TINY, tiny_folder())} | {name: _Model(name) for name in NAMES}
    models: dict[str, _Model] = {}
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, folder = (part.strip() for part in entry.partition("="))
        if name in models:
            raise ValueError(f"KVCACHE_MODELS names {name!r} twice: give each folder its own name")
        if name in ours and not equals:
            models[name] = ours[name]
        elif name and folder:
            models[name] = _Model(name, Path(folder).expanduser())
        else:
            raise ValueError(f"KVCACHE_MODELS has {entry!r}: write name=/folder, divided by ;")
    return models | {name: model for name, model in ours.items() if name not in models}


_models: Final[Mapping[str, _Model]] = configured(os.environ.get("KVCACHE_MODELS", ""))


def names() -> tuple[str, ...]:
    """The models a visitor can choose, the default one first."""
    return tuple(_models)


def status(name: str) -> Status:
    """Where a model is now."""
    return _models[name].status


def statuses() -> dict[str, str]:
    """The state of every model in one word, for /healthz."""
    return {name: model.status.state for name, model in _models.items()}


def start(name: str) -> None:
    """Begin to fetch and load a model, unless that is under way or done."""
    _models[name].start()


def start_what_is_here() -> None:
    """Begin to load the default model if its weights are on this machine; return at once."""
    default = _models[names()[0]]
    if default.here:
        default.start()


def is_here(name: str) -> bool:
    """Whether a model's weights are on this machine."""
    return _models[name].here


def wait(name: str, seconds: float) -> Status:
    """Wait until a model that was started is ready or has failed."""
    return _models[name].wait(seconds)


def decoder(name: str) -> Decoder:
    """A model that is ready. LaterError when it is not: pages use `require_decoder`."""
    found = _models[name].decoder
    if found is None:
        raise LaterError(f"the model {name!r} is {status(name).state}, not ready")
    return found


def ready(name: str) -> Decoder:
    """A model on this machine by its name, the default one for "", loaded if it was not.

    ValueError for one that is not here: nothing is fetched. LaterError for one that failed.
    """
    name = name or names()[0]
    here = [each for each, model in _models.items() if model.here]
    if name not in here:
        raise ValueError(f"no model named {name!r} on this machine: give one of {', '.join(here)}")
    start(name)
    while wait(name, 60).state == "loading":
        pass
    return decoder(name)


def _warm_up(loaded: Decoder) -> None:
    """Run one prefill and one step, so that no visitor waits for what happens only once."""
    session = loaded.engine.session()
    scheduler.update(session, [0, 0]).result()  # ids: a tokenizer may know none of our letters
    scheduler.step(session).result()
    # Streamlit collects garbage after every script run. What is alive now stays alive, and walking
    # through it each time would cost more than the runs themselves.
    gc.collect()
    gc.freeze()
