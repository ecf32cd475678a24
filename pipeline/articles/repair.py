"""Putting extracted lines right: no title, byline, pointers or end lines; nothing said twice."""

from pipeline.articles.phrases import fold, is_end_line


def repair(text: str | None, title: str | None, authors: tuple[str, ...]) -> str | None:
    """Give the text without lines that are not part of the article."""
    if not text:
        return None
    own = {fold(value) for value in (title, *authors) if value}
    kept = [line for line in text.split("\n") if not is_end_line(line) and fold(line) not in own]
    return "\n".join(kept) or None
