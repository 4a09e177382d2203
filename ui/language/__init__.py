"""What is said, and in which language: catalogues, prose, units, the facts of a model."""
