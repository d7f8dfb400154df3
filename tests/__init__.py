"""Named people, real PostgreSQL, real pages."""
