"""The numbers of a view as a file that anyone may ask for by its address."""

from __future__ import annotations

from kvembed.view import View
from ui.figures import numbers
from ui.views.block import block_for
from ui.views.filenames import file_name
from ui.web.answers import Made, attachment


def numbers_of(view: View, lang: str) -> Made:
    """A CSV file. Times are those of a run of this server today, and not of a visitor's.

    ValueError for a view that there cannot be.
    """
    figure, block = block_for(view, lang)
    return Made(numbers.csv(figure, block), "text/csv", attachment(file_name(view, "csv")))
