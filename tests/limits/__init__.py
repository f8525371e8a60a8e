"""Tests of the limits: what a hostile, slow or greedy client may cost."""
