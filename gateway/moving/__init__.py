"""How a company's space leaves a network as a file, and comes back from one."""
