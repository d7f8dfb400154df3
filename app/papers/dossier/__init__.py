"""The dossier of a decision: written, and verified by nothing but the library of scoring."""
