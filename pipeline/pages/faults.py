"""What goes wrong on the network, told apart and said in plain words."""

import asyncio
import errno
import socket
import ssl
from enum import Enum

import aiohttp

from models.outcomes import Outcome
from pipeline.pages.guard import AddressForbiddenError

NETWORK_ERRORS = (aiohttp.ClientError, OSError, ValueError, asyncio.IncompleteReadError, EOFError)
"""All that a request may raise for what the other side does; time-outs are OSErrors."""


class Stage(Enum):
    """How far a request has come."""

    ANSWER = "waiting for the answer"
    BODY = "reading the body"


_BY_ERRNO = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "the connection was reset before an answer",
    errno.EPIPE: "the connection was reset before an answer",
    errno.EHOSTUNREACH: "no route to the host",
    errno.ENETUNREACH: "no route to the network",
    errno.EADDRNOTAVAIL: "no local address to connect from",
    errno.EMFILE: "this machine has no file handle left",
    errno.ENFILE: "this machine has no file handle left",
}
_DNS = {
    socket.EAI_NONAME: "the name does not exist",
    socket.EAI_AGAIN: "the name server does not answer",
    socket.EAI_FAIL: "the name server failed",
}
_DNS_NO_ADDRESS = getattr(socket, "EAI_NODATA", None)

# verify codes of OpenSSL (x509_vfy.h) that deserve words of their own.
_CERTIFICATE = {
    9: "certificate not valid yet",
    10: "certificate expired",
    18: "certificate signed by itself",
    19: "certificate signed by an unknown authority",
    20: "certificate signed by an unknown authority",
    21: "certificate signed by an unknown authority",
    62: "certificate is for another name",
    64: "certificate is for another address",
}


def explain(error: BaseException, stage: Stage) -> tuple[Outcome, str]:
    """Return the outcome and the reason of an error out of NETWORK_ERRORS that ended a request at `stage`."""
    for cause in _causes(error):
        if isinstance(cause, AddressForbiddenError):
            return Outcome.ADDRESS_FORBIDDEN, cause.reason
        # aiohttp's own errors are SSLErrors as well, without what OpenSSL said; a mere end is no fault of TLS.
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, (aiohttp.ClientError, ssl.SSLEOFError)):
            return Outcome.UNREACHABLE, f"TLS: {_tls_reason(cause)}"
    if isinstance(error, TimeoutError):
        is_connecting = isinstance(error, aiohttp.ConnectionTimeoutError)
        return Outcome.TIMED_OUT, f"timed out while {'connecting' if is_connecting else stage.value}"
    if isinstance(error, aiohttp.ClientConnectorError):
        is_dns = isinstance(error, aiohttp.ClientConnectorDNSError)
        return Outcome.UNREACHABLE, f"DNS: {_dns_reason(error)}" if is_dns else _os_reason(error.os_error)
    if isinstance(error, aiohttp.ClientResponseError):
        return Outcome.BAD_RESPONSE, f"not valid HTTP: {_parser_reason(error.message)}"
    if stage is Stage.BODY:
        return Outcome.BAD_RESPONSE, f"the body broke off: {_body_reason(error)}"
    return _before_answer(error)


def _before_answer(error: BaseException) -> tuple[Outcome, str]:
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return Outcome.UNREACHABLE, "the server closed the connection before an answer"
    if isinstance(error, OSError):
        return Outcome.UNREACHABLE, _os_reason(error)
    return Outcome.BAD_RESPONSE, _first_line(str(error)) or type(error).__name__


def _causes(error: BaseException) -> list[BaseException]:
    """Return `error` and what it wraps: aiohttp keeps the cause in `os_error`, `certificate_error` or `__cause__`."""
    chain: list[BaseException] = []
    todo: list[object] = [error]
    while todo:
        current = todo.pop()
        if isinstance(current, BaseException) and current not in chain and len(chain) < 10:
            chain.append(current)
            todo += [getattr(current, "os_error", None), getattr(current, "certificate_error", None), current.__cause__]
    return chain


def _tls_reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATE.get(error.verify_code, error.verify_message or "certificate refused")
    return (error.reason or "handshake failed").replace("_", " ").lower()


def _dns_reason(error: aiohttp.ClientConnectorError) -> str:
    number = next((cause.errno for cause in _causes(error) if isinstance(cause, socket.gaierror)), error.os_error.errno)
    if number is not None and number == _DNS_NO_ADDRESS:
        return "the name has no address"
    return _DNS.get(number or 0, _first_line(error.os_error.strerror or "the name could not be resolved"))


def _os_reason(error: OSError) -> str:
    return _BY_ERRNO.get(error.errno or 0) or _first_line((error.strerror or str(error)).lower()) or "connection failed"


def _parser_reason(message: str) -> str:
    if message.startswith("Got more than"):  # aiohttp's LineTooLong repeats the line
        return "a header is too long"
    return _first_line(message).lower()


def _body_reason(error: BaseException) -> str:
    text = str(error)
    if "ContentLength" in text or "Not enough data to satisfy content length" in text:
        return "shorter than its Content-Length"
    if "TransferEncoding" in text or "transfer length" in text or "chunk" in text.lower():
        return "its chunks are broken or incomplete"
    if isinstance(error, (ConnectionResetError, aiohttp.ClientOSError)) or "ConnectionReset" in text:
        return "the connection was reset"
    return _first_line(text) or type(error).__name__


def _first_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return "".join(sign for sign in lines[0][:160] if sign.isprintable()).strip(" :") if lines else ""
