"""The PostgreSQL backend: one set of tables for all companies."""
