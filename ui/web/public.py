"""The address of this site as others know it, which is what goes into what they keep."""

from __future__ import annotations

import os
from typing import Final

from starlette.requests import Request

from kvembed.values import server_url

# Of an operator whose proxy does not pass the host on, say https://kv.example.org/cache.
_configured: Final = os.environ.get("KVCACHE_URL", "") and server_url(os.environ["KVCACHE_URL"])


def server(request: Request) -> str:
    """The address in KVCACHE_URL, else the one that was asked, without a slash at its end.

    The host is the one of the request; what a proxy says of the scheme counts where uvicorn trusts
    it (FORWARDED_ALLOW_IPS). ValueError for a host that is no name of one.
    """
    return _configured or server_url(str(request.base_url))
