"""The commands of `python -m kvcore`: what they do and print."""
