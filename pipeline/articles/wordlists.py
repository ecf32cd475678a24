"""Tables of words and patterns as readable text: what kind, phrases and names are written down as."""


def words(text: str) -> frozenset[str]:
    """Give the words of a table."""
    return frozenset(text.split())


def alternatives(text: str) -> str:
    """Join the lines of a table of patterns into one alternation; lines that begin with "# " name the languages."""
    lines = (line.strip() for line in text.splitlines())
    return "|".join(line for line in lines if line and not line.startswith("# "))
