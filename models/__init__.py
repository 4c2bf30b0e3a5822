"""What is inferred or decided: rankings and simulated worlds. Imports from geo only."""
