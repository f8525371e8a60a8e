"""Which parts of the network a change reaches."""

from spaces.change import Change


def writes_side(change: Change) -> bool:
    """Whether the change makes, alters or names the own side."""
    return change.side is not None or change.sharing is not None or change.natural_key is not None


def needs_company_file(change: Change) -> bool:
    """Whether the change reads or writes anything in the company's own space."""
    return writes_side(change) or change.receipt is not None or change.if_version is not None
