"""What questions compute with: payoffs and what each party has without a deal."""
