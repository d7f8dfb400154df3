"""Lists as workbooks, with the whole calculation as formulas."""
