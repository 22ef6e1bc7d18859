"""What hypothesis draws for SI: text, times, descriptors, tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tsloom import dvb

u1 = st.integers(0, 1)
u2 = st.integers(0, 3)
u3 = st.integers(0, 7)
u4 = st.integers(0, 15)
u5 = st.integers(0, 31)
u6 = st.integers(0, 63)
u7 = st.integers(0, 127)
u8 = st.integers(0, 255)
u12 = st.integers(0, 4095)
u16 = st.integers(0, 0xFFFF)
u32 = st.integers(0, 0xFFFFFFFF)
s16 = st.integers(-0x8000, 0x7FFF)
bools = st.booleans()
codes = st.text(st.characters(min_codepoint=0x61, max_codepoint=0x7A), min_size=3, max_size=3)
few_bytes = st.binary(max_size=12)


def tuples_of(items: st.SearchStrategy[Any], most: int = 4) -> st.SearchStrategy[Any]:
    return st.lists(items, max_size=most).map(tuple)


# What at least one table of annex A carries: no control characters but new line and emphasis, no
# surrogates, none of the private use area's control codes.
letters = st.characters(
    exclude_categories=("Cs", "Cc"),
    exclude_characters="".join(map(chr, range(0xE080, 0xE0A0))),
) | st.sampled_from("\n\x86\x87")
any_texts = st.text(letters, max_size=30)
latin_texts = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_categories=("Cc",)), max_size=20
)
texts = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=12
) | st.sampled_from(
    ("Züll und Tränen", "Čtvrtá hvězda", "Новости", "Ταινίες", "日本", "a\nb", "10 €", "ทดสอบ")
)

times = st.datetimes(datetime(1950, 1, 1), datetime(2100, 2, 28)).map(
    lambda time: time.replace(microsecond=0, tzinfo=UTC)
)
durations = st.integers(0, 99 * 3600 + 59 * 60 + 59).map(lambda seconds: timedelta(0, seconds))
offsets = st.integers(0, 24 * 60 - 1).map(lambda minutes: timedelta(minutes=minutes))

headers = {
    "version_number": u5,
    "current_next_indicator": bools,
    "reserved_bits": u5,
}
numbered = st.tuples(u8, u8).map(sorted)


def transport_streams(loop: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return tuples_of(st.builds(dvb.TransportStream, u16, u16, loop, reserved_bits=u4))


def nits(loop: st.SearchStrategy[Any]) -> st.SearchStrategy[dvb.NetworkInformationTable]:
    return st.builds(
        dvb.NetworkInformationTable,
        u16,
        st.sampled_from((0x40, 0x41)),
        descriptors=loop,
        transport_streams=transport_streams(loop),
        reserved_loop_bits=u8,
        **headers,
    )


def bats(loop: st.SearchStrategy[Any]) -> st.SearchStrategy[dvb.BouquetAssociationTable]:
    return st.builds(
        dvb.BouquetAssociationTable,
        u16,
        descriptors=loop,
        transport_streams=transport_streams(loop),
        reserved_loop_bits=u8,
        **headers,
    )


def sdts(loop: st.SearchStrategy[Any]) -> st.SearchStrategy[dvb.ServiceDescriptionTable]:
    services = st.builds(dvb.Service, u16, bools, bools, u3, bools, loop, reserved_bits=u6)
    return st.builds(
        dvb.ServiceDescriptionTable,
        u16,
        u16,
        tuples_of(services),
        st.sampled_from((0x42, 0x46)),
        reserved_byte=u8,
        **headers,
    )


def eits(loop: st.SearchStrategy[Any]) -> st.SearchStrategy[dvb.EventInformationTable]:
    events = st.builds(dvb.Event, u16, st.none() | times, st.none() | durations, u3, bools, loop)
    return st.builds(
        dvb.EventInformationTable,
        u16,
        u16,
        u16,
        tuples_of(events),
        st.integers(0x4E, 0x6F),
        u8,
        u8,
        **headers,
    )


def tots(loop: st.SearchStrategy[Any]) -> st.SearchStrategy[dvb.TimeOffsetTable]:
    return st.builds(
        dvb.TimeOffsetTable,
        st.none() | times,
        loop,
        reserved_bits=u3,
        reserved_loop_bits=u4,
    )


tdts = st.builds(dvb.TimeAndDateTable, st.none() | times, reserved_bits=u3)
rsts = st.builds(
    dvb.RunningStatusTable,
    tuples_of(st.builds(dvb.EventStatus, u16, u16, u16, u16, u3, reserved_bits=u5)),
    reserved_bits=u3,
)
sts = st.builds(dvb.StuffingTable, st.binary(max_size=40), bools, reserved_bits=u3)
