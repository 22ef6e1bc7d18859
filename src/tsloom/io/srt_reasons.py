"""Why an SRT connection was refused, in words; the numbers are the library's reject reasons."""

from __future__ import annotations

TIMEOUT = 16
# What trying again will not mend: keys and names that the other end does not accept.
AUTHENTICATION = frozenset({10, 11, 1401, 1403})

_WORDS = {
    1: "a system call failed",
    2: "the other end refused",
    3: "the other end has no resources left",
    4: "the handshake was not valid SRT",
    5: "the listener has too many callers waiting",
    6: "the SRT library failed",
    7: "the other end is closing",
    8: "the other end's SRT version is too old",
    9: "both rendezvous ends chose the same cookie",
    10: "wrong passphrase",
    11: "one end has a passphrase and the other has none",
    12: "the other end is not in live mode",
    13: "the ends disagree on the congestion control",
    14: "the ends disagree on the packet filter",
    15: "the ends disagree on bonding",
    16: "nobody answers",
    1000: "refused by the other end",
    1001: "the streamid has a key that the other end does not know",
    1002: "there is no such file",
    1003: "the other end serves no such host",
    1400: "the streamid is malformed",
    1401: "not authorised",
    1402: "the other end is full",
    1403: "the streamid is not allowed",
    1404: "there is no such stream",
    1405: "the other end does not do that in this direction (m= of the streamid)",
    1406: "the other end cannot do what the streamid asks for",
    1409: "somebody else is using it",
    1415: "the media type is not supported",
    1423: "it is locked",
    1424: "a session that it depends on is gone",
    1500: "the other end failed",
    1501: "the other end does not know how",
    1502: "the server behind the gateway refused",
    1503: "the service is down",
    1505: "the SRT version is not supported",
    1507: "the other end has no room left",
}


def explain_reject(reason: int) -> str:
    """The reason, to stand after a colon."""
    words = _WORDS.get(reason)
    if words is None:
        words = "refused for a reason of its own" if reason >= 1000 else "the connection failed"
    return f"{words} (SRT reject reason {reason})"
