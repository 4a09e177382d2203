"""This server's store for everyone: models, runs, and what was made once."""
