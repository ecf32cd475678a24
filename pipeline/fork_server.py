"""Imported by the fork server before all else: it does not hear SIGTERM, and ends when the run does.

A SIGTERM to the whole process group, as systemd sends it, is for the run, which finishes what is in hand; with the fork
server it would lose sight of its children.
"""

import signal

signal.signal(signal.SIGTERM, signal.SIG_IGN)
