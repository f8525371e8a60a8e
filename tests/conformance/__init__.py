"""Tools of others, run against a demo that serves: see docs/conformance.md."""
