"""Batch resolvers: one file for each sort of thing that is read. `table.py` binds them to the steps' names."""
