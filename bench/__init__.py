"""The bench: the page of page.graphql, by the gateway, by hand (the floor), and as one would write it unthinking."""
