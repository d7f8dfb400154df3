"""Drafts of forms: what a call asks, written in the browser by people who never see the file."""
