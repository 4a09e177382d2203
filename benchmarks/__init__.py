"""Measurements that need the site, in a browser. The engine is measured by `kvcore.bench`."""
