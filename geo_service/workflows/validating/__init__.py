"""Say how far an answer can be trusted: held-out months, statistics side by side, concentration."""
