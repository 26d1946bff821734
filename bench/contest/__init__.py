"""What `bench/peers.py` is made of: pairs, contestants, a clock with limits, and tables."""
