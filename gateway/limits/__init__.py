"""Limits: what a hostile request may cost. Every refusal comes before execution, with a code and no limit value."""
