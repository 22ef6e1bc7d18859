"""Ages: by rating systems in guides, by countries in the parental_rating_descriptor."""

from __future__ import annotations

import re

# The countries of the systems that guides name.
COUNTRIES = {
    "ACB": "AUS", "BBFC": "GBR", "CHVRS": "CAN", "CNC": "FRA", "CSA": "FRA", "FSK": "DEU",
    "KIJKWIJZER": "NLD", "MPAA": "USA", "NICAM": "NLD", "OFLC": "AUS", "VCHIP": "USA",
}  # fmt: skip
# In years; what is for all, such as "G" and "U", says nothing that a descriptor could carry.
AGES = {
    "12A": 12, "M": 15, "NC-17": 18, "PG": 8, "R": 17, "TV-14": 14, "TV-MA": 17, "TV-PG": 8,
    "TV-Y7": 7,
}  # fmt: skip
# A rating of 1 means 4 years, one of 15 means 18 (EN 300 468, 6.2.30).
AGE_OF_RATING_0 = 3
_AGE = re.compile(r"(?<!\d)(\d{1,2})(?!\d)", re.ASCII)


def find_country(system: str | None) -> str | None:
    """The country of a system, or the three letters that the system is; None if it is neither."""
    name = (system or "").strip().upper()
    if name in COUNTRIES:
        return COUNTRIES[name]
    return name if len(name) == 3 and name.isascii() and name.isalpha() else None


def find_rating(value: str) -> int | None:
    """The rating for a value such as "FSK 12"; None where it says no age from 4 to 18."""
    name = value.strip().upper()
    age = AGES.get(name)
    if age is None:
        match = _AGE.search(name)
        age = int(match[1]) if match else 0
    rating = age - AGE_OF_RATING_0
    return rating if 1 <= rating <= 0xF else None
