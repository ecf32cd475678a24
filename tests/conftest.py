"""What all tests share."""

from hypothesis import settings

# A busy machine is slow, not wrong: no test fails by time.
settings.register_profile("khotin", deadline=None)
settings.load_profile("khotin")
