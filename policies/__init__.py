"""Who may see and do what: Oso by partial evaluation, compiled to mask programs."""
