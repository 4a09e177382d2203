"""Firefox and WebKit, driven by the protocols that they speak themselves.

Playwright drives browsers of its own build. Debian's Firefox speaks WebDriver BiDi, Debian's WebKit
the older WebDriver; their actions and scripts have one form, so that a case is written once. There
is no driver for Firefox among Debian's packages, and BiDi needs none.
"""

from tests.browser.driving.firefox import FIREFOX, Firefox
from tests.browser.driving.tab import Tab
from tests.browser.driving.webkit import WEBKIT, WebKit

__all__ = ["FIREFOX", "WEBKIT", "Firefox", "Tab", "WebKit"]
