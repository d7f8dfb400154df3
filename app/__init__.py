"""Votum: calls for ideas, their rating and the recommendation that follows."""
