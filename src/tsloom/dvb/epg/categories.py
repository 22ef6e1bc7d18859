"""Names of contents: both nibbles of EN 300 468, table 28, and what guides call them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tsloom.dvb.descriptors import Content

# The groups by their first nibble; in a group the names by the second, from 0 on.
_TABLE: dict[int, tuple[str, ...]] = {
    0x1: (
        "movie/drama", "detective/thriller", "adventure/western/war",
        "science fiction/fantasy/horror", "comedy", "soap/melodrama/folkloric", "romance",
        "serious/classical/religious/historical movie/drama", "adult movie/drama",
    ),
    0x2: (
        "news/current affairs", "news/weather report", "news magazine", "documentary",
        "discussion/interview/debate",
    ),
    0x3: ("show/game show", "game show/quiz/contest", "variety show", "talk show"),
    0x4: (
        "sports", "special events", "sports magazines", "football/soccer", "tennis/squash",
        "team sports", "athletics", "motor sport", "water sport", "winter sports", "equestrian",
        "martial sports",
    ),
    0x5: (
        "children's/youth programmes", "pre-school children's programmes",
        "entertainment programmes for 6 to 14", "entertainment programmes for 10 to 16",
        "informational/educational/school programmes", "cartoons/puppets",
    ),
    0x6: (
        "music/ballet/dance", "rock/pop", "serious music/classical music", "folk/traditional music",
        "jazz", "musical/opera", "ballet",
    ),
    0x7: (
        "arts/culture", "performing arts", "fine arts", "religion",
        "popular culture/traditional arts", "literature", "film/cinema",
        "experimental film/video", "broadcasting/press", "new media", "arts/culture magazines",
        "fashion",
    ),
    0x8: (
        "social/political issues/economics", "magazines/reports/documentary",
        "economics/social advisory", "remarkable people",
    ),
    0x9: (
        "education/science/factual topics", "nature/animals/environment",
        "technology/natural sciences", "medicine/physiology/psychology",
        "foreign countries/expeditions", "social/spiritual sciences", "further education",
        "languages",
    ),
    0xA: (
        "leisure hobbies", "tourism/travel", "handicraft", "motoring", "fitness and health",
        "cooking", "advertisement/shopping", "gardening",
    ),
    0xB: ("original language", "black and white", "unpublished", "live broadcast"),
}  # fmt: skip
# Words that guides use, in the table's sense.
_WORDS = {
    "movie": 0x10, "movies": 0x10, "film": 0x10, "drama": 0x10, "series": 0x10, "serie": 0x10,
    "spielfilm": 0x10, "fiction": 0x10, "crime": 0x11, "thriller": 0x11, "mystery": 0x11,
    "detective": 0x11, "krimi": 0x11, "policier": 0x11, "action": 0x12, "adventure": 0x12,
    "western": 0x12, "war": 0x12, "science fiction": 0x13, "sci-fi": 0x13, "fantasy": 0x13,
    "horror": 0x13, "sitcom": 0x14, "comédie": 0x14, "komödie": 0x14, "soap": 0x15,
    "soap opera": 0x15, "news": 0x20, "nachrichten": 0x20, "current affairs": 0x20,
    "information": 0x20, "journal": 0x20, "weather": 0x21, "wetter": 0x21, "météo": 0x21,
    "documentaire": 0x23, "dokumentation": 0x23, "interview": 0x24, "debate": 0x24,
    "discussion": 0x24, "show": 0x30, "entertainment": 0x30, "unterhaltung": 0x30, "reality": 0x30,
    "game show": 0x31, "quiz": 0x31, "variety": 0x32, "talk": 0x33, "sport": 0x40, "football": 0x43,
    "soccer": 0x43, "fußball": 0x43, "tennis": 0x44, "basketball": 0x45, "hockey": 0x45,
    "motorsport": 0x47, "skiing": 0x49, "boxing": 0x4B, "children": 0x50, "kids": 0x50,
    "kinder": 0x50, "jeunesse": 0x50, "youth": 0x50, "animation": 0x55, "animated": 0x55,
    "cartoon": 0x55, "music": 0x60, "musik": 0x60, "musique": 0x60, "concert": 0x60, "pop": 0x61,
    "rock": 0x61, "classical": 0x62, "opera": 0x65, "musical": 0x65, "dance": 0x60, "arts": 0x70,
    "culture": 0x70, "kultur": 0x70, "theatre": 0x71, "magazine": 0x81, "magazin": 0x81,
    "politics": 0x80, "economics": 0x80, "business": 0x80, "biography": 0x83, "education": 0x90,
    "educational": 0x90, "science": 0x90, "history": 0x90, "nature": 0x91, "animals": 0x91,
    "wildlife": 0x91, "technology": 0x92, "health": 0xA4, "medicine": 0x93, "leisure": 0xA0,
    "hobbies": 0xA0, "travel": 0xA1, "cars": 0xA3, "food": 0xA5, "shopping": 0xA6,
    "teleshopping": 0xA6, "lifestyle": 0xA0, "adult": 0x18,
}  # fmt: skip
NAMES = {
    group << 4 | number: name
    for group, names in _TABLE.items()
    for number, name in enumerate(names)
}
CODES: dict[str, int] = _WORDS | {name: code for code, name in NAMES.items()}
_CODE = re.compile(r"0x([0-9a-f]{2})", re.ASCII | re.IGNORECASE)


def find_content(category: str, own: Mapping[str, int]) -> Content | None:
    """The two nibbles of a category: by the caller's names, else by table 28 and common words."""
    folded = " ".join(category.casefold().split())
    code = own.get(folded, CODES.get(folded))
    if code is None:
        match = _CODE.fullmatch(folded)
        if match is None:
            return None
        code = int(match[1], 16)
    return CONTENTS[code]


def name_content(content: Content) -> str:
    """The table's name of the content; "0x" and its two nibbles where it has none."""
    code = content.content_nibble_level_1 << 4 | content.content_nibble_level_2
    return NAMES.get(code, f"0x{code:02x}")


CONTENTS = tuple(Content(code >> 4, code & 0xF) for code in range(256))
