"""The closed list of outcomes: every poll, every entry and every page ends in exactly one of them."""

from enum import StrEnum


class Outcome(StrEnum):
    """How an entry or a page ended in a run; `reason` gives the detail."""

    # Stored.
    LOADED = "loaded"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    # Set aside, waiting for a person.
    REJECTED = "rejected"
    # Not wanted.
    NOT_ARTICLE = "not_article"
    FILTERED = "filtered"
    REMOVED = "removed"
    NO_LINK = "no_link"
    # Refused.
    ROBOTS_DENIED = "robots_denied"
    PAYWALLED = "paywalled"
    CONSENT_WALL = "consent_wall"
    CHALLENGED = "challenged"
    FORBIDDEN = "forbidden"
    ADDRESS_FORBIDDEN = "address_forbidden"
    # Failed.
    GONE = "gone"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    CLIENT_ERROR = "client_error"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    BAD_RESPONSE = "bad_response"
    BAD_REDIRECT = "bad_redirect"
    WRONG_TYPE = "wrong_type"
    TOO_LARGE = "too_large"
    NO_TEXT = "no_text"
    EXTRACT_FAILED = "extract_failed"
    # Handed to a later run.
    DEFERRED = "deferred"


class PollOutcome(StrEnum):
    """How one poll of a feed ended: its own words, and the refused and failed words of `Outcome`."""

    NEW_ENTRIES = "new_entries"
    NO_NEW_ENTRIES = "no_new_entries"
    NOT_MODIFIED = "not_modified"
    EMPTY = "empty"
    NOT_A_FEED = "not_a_feed"
    PARTLY_BROKEN = "partly_broken"
    ROBOTS_DENIED = "robots_denied"
    CONSENT_WALL = "consent_wall"
    CHALLENGED = "challenged"
    FORBIDDEN = "forbidden"
    ADDRESS_FORBIDDEN = "address_forbidden"
    GONE = "gone"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    CLIENT_ERROR = "client_error"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    BAD_RESPONSE = "bad_response"
    BAD_REDIRECT = "bad_redirect"
    WRONG_TYPE = "wrong_type"
    TOO_LARGE = "too_large"
    PARSE_FAILED = "parse_failed"


GOOD_POLLS = frozenset(
    {
        PollOutcome.NEW_ENTRIES,
        PollOutcome.NO_NEW_ENTRIES,
        PollOutcome.NOT_MODIFIED,
        PollOutcome.EMPTY,
        PollOutcome.PARTLY_BROKEN,
    }
)
"""The polls that brought what a feed has to say; all others failed."""
