"""Ask for hotspots, zones, hours and near repeats, and keep what was found."""
