"""The bench itself: that what it compares gives the same answers."""
