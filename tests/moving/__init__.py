"""Companies that leave a network as files, and come into one: what is in them, and what is left behind."""
