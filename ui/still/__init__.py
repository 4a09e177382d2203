"""Pictures without a browser: the figures' own JavaScript, run in an engine of this process."""
