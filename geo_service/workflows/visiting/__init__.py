"""Take in the visits that were made, and hold them against the plan."""
