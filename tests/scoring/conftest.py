"""Property tests look for wrong numbers, not for a busy machine."""

from hypothesis import settings

settings.register_profile("scoring", deadline=None)
settings.load_profile("scoring")
