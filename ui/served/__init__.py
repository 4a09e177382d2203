"""What this server keeps for everyone: models, runs, and what was made once."""
