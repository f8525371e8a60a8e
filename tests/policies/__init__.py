"""Tests of the policies: worlds in which somebody sees and somebody does not, properties, and refusals."""
