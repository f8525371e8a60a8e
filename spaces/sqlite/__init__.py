"""The embedded backend: one SQLite file a company, and one for the network."""
