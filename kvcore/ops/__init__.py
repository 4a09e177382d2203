"""The operations of a forward, and their use of the machine: attention, RoPE, masks, products."""
