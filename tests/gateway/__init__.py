"""Tests of the room `gateway`, end to end on each backend."""
