"""Did it work? Displacement differences, e-test, crossover trials, before and after, impact areas."""
