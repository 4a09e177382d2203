"""Put one exact, live view of a KV cache into a documentation site or a course page.

Standard library only, besides the tool that hosts it: `kvembed.sphinx`, `kvembed.markdown`.
"""

from kvembed.placement import Placement
from kvembed.view import View

__all__ = ["Placement", "View"]
