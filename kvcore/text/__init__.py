"""Between text and ids: the tokenizer, and what a token is called on a screen."""
