"""What who runs the gateway sees of it: health, logs, metrics, traces. Never a value, a name of somebody or an id."""
