"""Tests of the spaces room: one conformance suite, run by every backend."""
