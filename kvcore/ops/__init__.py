"""What a forward is made of, and how it uses the machine: attention, RoPE, masks, products."""
