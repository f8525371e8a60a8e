"""Mutations: each decides one frozen `Change` from what it read, and `commit.py` carries it out."""
