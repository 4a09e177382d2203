"""Snapshots: a view recorded in one HTML file, which needs no server and no network."""
