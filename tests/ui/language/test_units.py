"""Numbers with their units, as prose and figures both write them."""

import pytest

from ui.language.units import gap, many, power_of_ten, size


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (2e-4, "2e-4"), (3.14e-5, "3.1e-5"), (0.25, "0.25")]
)
def test_a_gap_is_zero_only_when_it_is_exactly_zero(number: float, text: str) -> None:
    assert gap(number) == text


def test_a_power_of_ten_has_no_padding() -> None:
    assert power_of_ten(1e-12) == "1e-12"


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [(0, "0 B"), (1023, "1023 B"), (46080, "45.0 KiB"), (230400, "225 KiB"), (5 << 30, "5.0 GiB")],
)
def test_bytes_read_as_in_the_figures(n_bytes: int, text: str) -> None:
    assert size(n_bytes) == text.replace(" ", "\u00a0")  # no line breaks between them


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (999, "999"), (4500, "4.5 k"), (812e6, "812 M"), (4.5e9, "4.5 G"), (2e12, "2.0 T")],
)
def test_a_large_count_has_three_digits_at_most(count: float, text: str) -> None:
    assert many(count) == text.replace(" ", "\u00a0")
