"""Make, show, switch and prune what the public is given."""
