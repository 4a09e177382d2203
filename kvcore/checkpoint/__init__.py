"""Models as files: folders in the Hugging Face layout, GGUF, and fetching them."""
