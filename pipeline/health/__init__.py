"""Answers for the person at 3 a.m.: why something is as it is, and what to do."""
