"""Who types a command, for what is kept with a name."""

import getpass
import os


def who() -> str:
    """Give the name of the person at the keyboard, or the number of a user who has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}"
