"""The demo page: what is served, what it is made of, and how it behaves in a browser."""
