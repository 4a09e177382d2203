"""The words of the site, in each language: catalogues, prose, units, the facts of a model."""
