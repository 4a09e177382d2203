"""How the tiny decoder of assets/tiny was made: `python -m training` makes it again."""
