"""The error of a request that cannot be answered now."""


class LaterError(RuntimeError):
    """Says why in a sentence that anyone may read: it names nothing of this machine."""
