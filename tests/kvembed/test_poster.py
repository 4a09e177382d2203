"""Pictures and snapshots at build time: of the very view, or not there, and said why."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kvembed import fetch, poster, snapshot
from kvembed.fetch import NotThere, Site
from kvembed.view import View

VIEW = View("growth", "The whale", step=2)
SVG = "image/svg+xml"


def test_the_picture_is_of_the_very_view_and_asked_for_once(still_site) -> None:
    for _ in range(2):
        found = poster.poster(VIEW, still_site.url)
        assert (found.data, found.problem) == (still_site.answers["/poster.svg"][1], "")
    assert still_site.asked == ["/poster.svg?page=growth&prompt=The%20whale&step=2"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (("text/html", b"<!doctype html>"), "answered with text/html, which is not"),
        (("", b""), "answered 404: Not Found"),
        ((SVG, b" " * (fetch.MOST_BYTES + 1)), "more than 4,000,000 bytes"),
    ],
)
def test_an_answer_that_is_no_picture_is_not_taken_for_one(
    still_site, answer: tuple[str, bytes], said: str
) -> None:
    still_site.answers["/poster.svg"] = answer
    found = poster.poster(VIEW, still_site.url)
    assert said in found.problem
    assert found.data == poster.bundled("growth", "en")


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        (
            "text/plain; charset=utf-8",
            "prompt has 150 tokens:\nshorten it",
            "150 tokens: shorten it",
        ),
        ("text/plain", "提示词太长", "提示词太长"),
        ("text/html", "<h1>No</h1>", "answered 400: Bad Request:"),
    ],
)
def test_what_a_site_says_of_a_refusal_arrives(still_site, kind: str, body: str, said: str) -> None:
    still_site.refuses = True
    still_site.answers["/poster.svg"] = (kind, body.encode())
    assert said in poster.poster(VIEW, still_site.url).problem


def test_a_silent_site_is_waited_for_once(
    still_site, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(nobody)
    with pytest.raises(NotThere, match="does not answer"):
        site.get(f"{nobody}/poster.svg", SVG)
    site.server = still_site.url
    with pytest.raises(NotThere, match=f"{nobody} does not answer"):
        site.get(f"{still_site.url}/poster.svg", SVG)
    assert still_site.asked == []
    now = time.monotonic()
    monkeypatch.setattr("kvembed.fetch.time.monotonic", lambda: now + fetch.PAUSE)
    assert site.get(f"{still_site.url}/poster.svg", SVG) == still_site.answers["/poster.svg"][1]


def test_a_site_that_takes_too_long_does_not_hold_up_the_build() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(NotThere, match=r"does not answer \(timed out\)"):
            Site(url, timeout=0.05).get(f"{url}/poster.svg", SVG)


def test_no_server_means_the_picture_of_the_page() -> None:
    found = poster.poster(VIEW, "")
    assert found.data == poster.bundled("growth", "en")
    assert "no server is set" in found.problem


def test_a_card_has_nothing_that_stands_in_for_it(nobody: str) -> None:
    assert poster.poster(VIEW, nobody, poster.PNG).data is None


def test_the_site_makes_the_snapshot(still_site) -> None:
    text = snapshot.snapshot(VIEW, still_site.url)
    assert text.encode() == still_site.answers["/snapshot"][1]
    assert still_site.asked == ["/snapshot?page=growth&prompt=The%20whale&step=2"]


def test_the_page_that_an_older_site_answers_with_is_no_snapshot(still_site) -> None:
    still_site.answers["/old"] = ("text/html", b"<!doctype html>")
    with pytest.raises(NotThere, match="answered with text/html, which is not"):
        Site(still_site.url).get(f"{still_site.url}/old", "text/html", attached=True)


def test_kvcore_makes_the_snapshot_where_the_site_does_not(
    nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot._local.cache_clear()
    commands = []

    def run(command: list[str], **_options: object) -> None:
        commands.append(command[:-1])
        Path(command[-1]).write_text("made here", encoding="utf-8")

    monkeypatch.setattr(subprocess, "run", run)
    for server in ("", nobody, ""):
        assert snapshot.snapshot(View("growth", "--evil; \n", step=2), server) == "made here"
    made = [sys.executable, "-m", "kvcore", "snapshot", "growth", "--prompt=--evil; \n"]
    assert commands == [[*made, "--step=2", "-o"]], "made once, however often a page is built"
    snapshot._local.cache_clear()


def test_what_kvcore_said_is_said_when_it_could_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(NotThere, match="kvcore could not make the snapshot"):
        snapshot.snapshot(VIEW, "")
