"""Hours of the week: when incidents happened as far as it is known, profiles, best windows."""
