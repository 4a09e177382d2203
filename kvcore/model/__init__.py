"""The decoder: one forward for prefill, decode and recompute."""
