"""Frozen nouns of the domain, and the ports that workflows need."""
