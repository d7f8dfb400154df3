"""Property tests look for wrong numbers, not for a busy machine."""

from hypothesis import settings

settings.register_profile("scoring", deadline=None, max_examples=60)
settings.load_profile("scoring")
