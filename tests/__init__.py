"""Tests, a folder a room; `house/` holds the invariants of the architecture."""
