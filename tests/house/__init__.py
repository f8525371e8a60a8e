"""The invariants of the architecture, each one a test that a planted fault has made fail."""
