"""Decide what the public's paper says: directory, cards, stickers and poster, in each language."""
