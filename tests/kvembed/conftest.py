"""Sites for builds: one that answers, and one that does not."""

import threading
from collections.abc import Iterator

import pytest

from kvembed import fetch
from tests.kvembed.stand_in import StillSite


@pytest.fixture
def still_site() -> Iterator[StillSite]:
    """A site with a poster, a card and a snapshot of everything."""
    fetch.site.cache_clear()  # a port is soon another site's
    server = StillSite()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def nobody() -> str:
    """The address of a site that does not answer."""
    fetch.site.cache_clear()
    server = StillSite()
    server.server_close()
    return server.url
