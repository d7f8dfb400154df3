"""What follows: totals, ranks and recommendations, each with its steps."""
