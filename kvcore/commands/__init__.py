"""What the commands of `python -m kvcore` do and print."""
