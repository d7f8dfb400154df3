"""What is true and what may happen; knows no web."""
