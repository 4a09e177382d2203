"""Running the model: sessions with a cache, sampling, the scheduler, cache files."""
