"""Say what changed where something was done: treated places, crossover trials, impact areas."""
