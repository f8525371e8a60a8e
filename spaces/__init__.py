"""Where data is kept: one isolated space a company, and the shared plane that joins them."""
