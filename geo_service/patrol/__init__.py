"""Plan who goes where and when, check and change plans, and say what was delivered; no file, clock or network."""
