"""What was given: the tables of a caller, checked row by row and turned into exact columns."""
