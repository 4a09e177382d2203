"""The record of a run: what a figure is drawn from. kvfront/record/FORMAT.md has every name."""
