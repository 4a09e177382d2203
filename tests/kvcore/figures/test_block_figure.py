"""The map of a pool shows what the snapshots of its sequences say."""

import numpy as np
import pytest

from kvcore.cache import PagedPool
from kvcore.figures import BlockWords, block_map
from kvcore.records.trace import PagedSnapshot
from tests.kvcore.feeding import feed
from tests.kvcore.tiny import random_ids, tiny_config, tiny_model

WORDS = BlockWords(
    block="block",
    slot="slot",
    shared="shared",
    wasted="wasted",
    cell="%{x} %{y} %{text} %{customdata}",
    empty="%{x} %{y} %{customdata}",
)


def forked_pool() -> tuple[PagedSnapshot, PagedSnapshot]:
    """Two sequences with the same six tokens; the second writes one more, the first is cropped."""
    config = tiny_config()
    model, pool = tiny_model(config), PagedPool(config, n_blocks=8, block_size=4)
    dropped, first = pool.new(), pool.new()
    feed(model, dropped, [1])  # block 0, which is free in the end
    feed(model, first, random_ids(config, 6))
    second = first.fork()
    feed(model, second, [5])
    dropped.release()
    return first.snapshot().last_layer, second.snapshot().last_layer


def test_each_slot_has_the_colour_of_who_holds_it_and_the_position_in_it() -> None:
    figure = block_map(forked_pool(), ["a", "b"], WORDS)
    layers = {legend.name: cells for cells, legend in zip(*[iter(figure.data)] * 2, strict=True)}
    assert list(layers) == ["a", "b", "shared", "wasted"]
    drawn = {name: np.isfinite(cells.z).tolist() for name, cells in layers.items()}
    none, every = [False] * 4, [True] * 4
    assert drawn["shared"] == [none, every, none, none]
    assert drawn["a"] == [none, none, [True, True, False, False], none]
    assert drawn["b"] == [none, none, none, [True, True, True, False]]
    assert drawn["wasted"] == [none, none, [False, False, True, True], [False, False, False, True]]
    assert layers["shared"].text[1].tolist() == ["0", "1", "2", "3"]
    assert layers["b"].text[3].tolist() == ["4", "5", "6", ""]
    assert layers["shared"].customdata[1].tolist() == ["a, b"] * 4
    assert layers["wasted"].customdata[2].tolist() == ["a"] * 4


def test_a_legend_shows_the_colour_that_is_drawn_and_no_two_are_the_same() -> None:
    figure = block_map(forked_pool(), ["a", "b"], WORDS)
    pairs = list(zip(*[iter(figure.data)] * 2, strict=True))
    colours = [cells.colorscale[0][1] for cells, _ in pairs]
    assert colours == [legend.marker.color for _, legend in pairs]
    assert len(set(colours)) == 4


def test_every_sequence_has_a_name() -> None:
    with pytest.raises(ValueError, match="1 names for 2 sequences"):
        block_map(forked_pool(), ["a"], WORDS)
    with pytest.raises(ValueError, match="0 names for 0 sequences"):
        block_map([], [], WORDS)


def test_an_empty_sequence_is_drawn_as_an_empty_pool() -> None:
    config = tiny_config()
    empty = PagedPool(config, n_blocks=8, block_size=4).new().snapshot().last_layer
    figure = block_map([empty], ["a"], WORDS)
    assert all(np.size(cells.z) == 0 for cells in figure.data[::2])
