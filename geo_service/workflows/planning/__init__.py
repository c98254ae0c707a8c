"""Plan a shift: its zones, windows, ground, words; keep and change plans."""
