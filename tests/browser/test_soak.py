"""A site that many have visited keeps no more of them than one that few have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browsing import Server, Visit

Open = Callable[..., Visit]
PAGES = ("", "why-not-q", "growth")
PAUSE = 40_000  # ms: Streamlit forgets a closed tab after 30 s, when it next looks
LOOKS = 3  # and not each time all of them: the fewest that were held count
MOST_GROWTH = 30_000  # KB in 30 visits: what one left, its cache and its page, were a megabyte


def held(pid: int) -> dict[str, int]:
    """Open files, threads and KB of memory of a process."""
    proc = Path(f"/proc/{pid}")
    status = dict(line.split(":", 1) for line in (proc / "status").read_text().splitlines())
    return {
        "files": len(list((proc / "fd").iterdir())),
        "threads": int(status["Threads"]),
        "memory": int(status["VmRSS"].split()[0]),
    }


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system has no /proc")
def test_what_visits_leave_behind_does_not_add_up(fresh_server: Server, visit: Open) -> None:
    def visits(n: int) -> dict[str, int]:
        for i in range(n):
            tab = visit(f"{fresh_server.url}/{PAGES[i % len(PAGES)]}?lang=en&prompt=The+sea+{i}")
            page = tab.settled()
            page.locator("input[type=text]").first.press("End")
            page.keyboard.type(" is calm")
            page.wait_for_url(lambda url: "calm" in url)
            expect(page.locator("[data-testid=stException]")).to_have_count(0)
            assert tab.complaints == []
            page.context.close()
        seen = []
        for _ in range(LOOKS):
            last = visit("about:blank").page
            last.wait_for_timeout(PAUSE)
            last.goto(fresh_server.url)  # a new session makes Streamlit look for old ones
            last.wait_for_selector("h1")
            seen.append(held(fresh_server.process.pid))
            last.context.close()
        return {name: min(each[name] for each in seen) for name in seen[0]}

    few, many = visits(10), visits(30)
    assert many["files"] <= few["files"] + 8
    assert many["threads"] <= few["threads"] + 4
    assert many["memory"] <= few["memory"] + MOST_GROWTH
