"""Who is asking: sessions, the policies of handlers, the guard against forged forms, attempts, and links by mail."""
