"""The importer, on small data that the tests make themselves and, where it is there, on real data."""
