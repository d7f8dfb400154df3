"""The open part of the attack catalogue: each test names the line it stands for."""
