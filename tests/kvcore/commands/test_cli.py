"""A command says in a sentence what it cannot do, and its exit status is not 0."""

from pathlib import Path

import pytest

from kvcore.__main__ import main

LONG = "月" * 3000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["The whale", "--tokens", "1"], "n_tokens=1 must be at least 2: one token is a prefill"),
        (["The whale", "--tokens", "0"], "n_tokens=0 must be at least 2"),
        (["The whale", "--tokens", "-3"], "n_tokens=-3 must be at least 2"),
        ([""], "0 tokens: give at least 1"),
        ([LONG], "3000 tokens do not fit max_seq_len=256: feed fewer tokens"),
        (["The whale", "--model", "/no/where"], "no folder /no/where: give a folder with"),
        (["The whale", "--model", "/dev/null"], "no folder /dev/null"),
        (["bench", "--model", "tiny", "--contexts", "0"], "contexts=0 must be from 2 to 216"),
        (["bench", "--model", "tiny", "--contexts", "500"], "for 40 decode steps to fit after it"),
        (["bench", "--model", "tiny", "--contexts", "8", "--repeats", "0"], "repeats=0 must be"),
        (["bench", "--model", "tiny", "--contexts", "8", "--tokens", "-1"], "tokens=-1 must be"),
        (["numerics", "--model", "tiny", "--tokens", "0"], "n_tokens=0 must be at least 1"),
        (["numerics", "--model", "tiny", "--tokens", "5000"], "n_tokens=5000 must be from 1 to"),
        (["numerics", "--model", "/no/where"], "no folder /no/where"),
        (["snapshot", "nowhere"], "page='nowhere' is not one of"),
        (["snapshot", "growth", "--prompt", ""], "the prompt is empty"),
        (["snapshot", "growth", "--prompt", LONG], "prompt has 3000 characters, and at most 2000"),
        (["snapshot", "growth", "--model", "/no/where"], "no folder /no/where"),
        (["snapshot", "growth", "-o", "/no/where/it.html"], "No such file or directory"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    if arguments[0] == "bench":
        arguments = [*arguments, "--waiting", "passive"]
    assert main(arguments) == 1
    said = capsys.readouterr()
    assert message in said.err
    assert said.err.count("\n") == 1
    assert not said.out, "nothing was begun"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "arguments are required: prompt"),
        (["The whale", "--tokens", "2.5"], "invalid int value: '2.5'"),
        (["The whale", "--tokens"], "expected one argument"),
        (["fetch", "gpt2"], "invalid choice: 'gpt2'"),
        (["bench", "--contexts", "many"], "invalid int value: 'many'"),
        (["snapshot"], "arguments are required: page"),
        (["The whale", "and more"], "unrecognized arguments: and more"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_no_command_is_told_with_its_usage(
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["kvcore/__main__.py"])
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert message in said
    assert "usage: python -m kvcore" in said


@pytest.mark.parametrize("command", ["", "fetch", "bench", "numerics"])
@pytest.mark.parametrize(
    ("run", "name"), [("kvcore/__main__.py", "python -m kvcore"), ("bin/kvcore", "kvcore")]
)
def test_the_usage_names_the_command_as_it_was_called(
    run: str,
    name: str,
    command: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", [run])
    with pytest.raises(SystemExit):
        main([*command.split(), "--help"])
    assert capsys.readouterr().out.startswith(f"usage: {' '.join((name, command))}".rstrip() + " [")
