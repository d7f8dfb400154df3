"""What goes out on paper or as a file: lists, minutes, letters, sheets, dossiers; from one source each."""
