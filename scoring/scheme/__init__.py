"""What a scheme is: its document read and proved, its criteria and rules, and one sheet rated by it; no pandas."""
