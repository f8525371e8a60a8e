"""What who runs the gateway sees of it, and that no value is in it."""
