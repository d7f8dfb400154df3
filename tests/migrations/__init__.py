"""What was made by versions before this one still opens, verifies and says the same."""
