"""The demo: a small made network, declared as data in `network.toml`."""
