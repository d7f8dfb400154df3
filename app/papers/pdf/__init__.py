"""Lists, minutes, sheets and letters as PDF."""
