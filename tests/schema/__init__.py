"""Tests of the schema room: input and output, and laws that hold for any input."""
