"""Opening status, distances in words and reviews of Safe Places; the time now is an argument."""
