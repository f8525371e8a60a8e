"""The documents that may be asked for by GET, one a file, and how such a request is read."""
