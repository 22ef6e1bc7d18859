"""Splice information of every shape, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from tsloom import scte35

U8 = st.integers(0, 0xFF)
U16 = st.integers(0, 0xFFFF)
U32 = st.integers(0, 0xFFFFFFFF)
U33 = st.integers(0, (1 << 33) - 1) | st.sampled_from([0, (1 << 32) - 1, 1 << 32, (1 << 33) - 1])
U40 = st.integers(0, (1 << 40) - 1)
U48 = st.integers(0, (1 << 48) - 1)
FIXED_UPID_SIZES = {2: 8, 3: 12, 4: 32, 5: 8, 6: 12, 7: 12, 8: 8, 10: 12, 16: 16}
FREE_UPID_TYPES = (1, 9, 11, 14, 15, 17)

splice_times = st.builds(scte35.SpliceTime, st.none() | U33)
break_durations = st.builds(scte35.BreakDuration, st.booleans(), U33)
event_fields = {
    "event_id_compliance_flag": st.booleans(),
    "out_of_network_indicator": st.booleans(),
    "break_duration": st.none() | break_durations,
    "unique_program_id": U16,
    "avail_num": U8,
    "avails_expected": U8,
}
timed_components = st.lists(
    st.builds(scte35.SpliceInsertComponent, U8, splice_times), min_size=1, max_size=12
)
untimed_components = st.lists(st.builds(scte35.SpliceInsertComponent, U8), min_size=1, max_size=12)
splice_inserts = st.one_of(
    st.builds(scte35.SpliceInsert, U32, splice_time=st.none() | splice_times, **event_fields),
    st.builds(
        scte35.SpliceInsert, U32, components=timed_components | untimed_components, **event_fields
    ),
    st.builds(scte35.SpliceInsert, U32, splice_event_cancel_indicator=st.just(True)),
)
schedule_events = st.one_of(
    st.builds(scte35.SpliceScheduleEvent, U32, utc_splice_time=U32, **event_fields),
    st.builds(
        scte35.SpliceScheduleEvent,
        U32,
        components=st.lists(
            st.builds(scte35.SpliceScheduleComponent, U8, U32), min_size=1, max_size=8
        ),
        **event_fields,
    ),
    st.builds(
        scte35.SpliceScheduleEvent,
        U32,
        splice_event_cancel_indicator=st.just(True),
        event_id_compliance_flag=st.booleans(),
    ),
)
commands = st.one_of(
    st.just(scte35.SpliceNull()),
    st.just(scte35.BandwidthReservation()),
    st.builds(scte35.TimeSignal, splice_times),
    splice_inserts,
    st.builds(scte35.SpliceSchedule, st.lists(schedule_events, max_size=8)),
    st.builds(scte35.PrivateCommand, U32, st.binary(max_size=60)),
)


def _fixed_upid(kind: int) -> st.SearchStrategy[scte35.SegmentationUpid]:
    size = FIXED_UPID_SIZES[kind]
    return st.builds(
        scte35.SegmentationUpid, st.just(kind), st.binary(min_size=size, max_size=size)
    )


simple_upids = st.one_of(
    st.sampled_from(sorted(FIXED_UPID_SIZES)).flatmap(_fixed_upid),
    st.builds(scte35.SegmentationUpid, st.sampled_from(FREE_UPID_TYPES), st.binary(max_size=40)),
    st.builds(
        scte35.SegmentationUpid,
        st.sampled_from((1, 9, 14, 15, 17)),
        st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace")),
    ),
    st.builds(scte35.mpu, U32, st.binary(max_size=30)),
)
upids = st.one_of(
    st.just(scte35.SegmentationUpid(0)),
    simple_upids,
    st.lists(simple_upids, max_size=3).map(scte35.mid),
)


@st.composite
def segmentations(draw: st.DrawFn) -> scte35.SegmentationDescriptor:
    upid = draw(upids)
    restricted = draw(st.booleans())
    has_sub_segments = draw(st.booleans())
    return scte35.SegmentationDescriptor(
        draw(U32),
        segmentation_event_cancel_indicator=draw(st.sampled_from([False] * 7 + [True])),
        segmentation_event_id_compliance_indicator=draw(st.booleans()),
        segmentation_type_id=draw(st.sampled_from(list(scte35.SegmentationType)) | U8),
        segment_num=draw(U8),
        segments_expected=draw(U8),
        sub_segment_num=draw(U8) if has_sub_segments else None,
        sub_segments_expected=draw(U8) if has_sub_segments else None,
        segmentation_duration=draw(st.none() | U40),
        segmentation_upid_type=upid.segmentation_upid_type,
        segmentation_upid=upid.segmentation_upid,
        web_delivery_allowed_flag=draw(st.booleans()) if restricted else None,
        no_regional_blackout_flag=draw(st.booleans()) if restricted else None,
        archive_allowed_flag=draw(st.booleans()) if restricted else None,
        device_restrictions=draw(st.integers(0, 3)) if restricted else None,
        components=draw(
            st.none()
            | st.lists(st.builds(scte35.SegmentationComponent, U8, U33), min_size=1, max_size=5)
        ),
    )


audio_channels = st.builds(
    scte35.AudioChannel,
    U8,
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=3),
    st.integers(0, 7),
    st.integers(0, 15),
    st.booleans(),
)
descriptors = st.one_of(
    segmentations(),
    st.builds(scte35.AvailDescriptor, U32),
    st.builds(scte35.DtmfDescriptor, U8, st.text("0123456789*#", max_size=7)),
    st.builds(scte35.TimeDescriptor, U48, U32, U16),
    st.builds(scte35.AudioDescriptor, st.lists(audio_channels, max_size=15)),
    st.builds(
        scte35.PrivateDescriptor,
        U8,
        U32.filter(lambda identifier: identifier != 0x43554549),
        st.binary(max_size=60),
    ),
)
sections = st.builds(
    scte35.SpliceInfoSection,
    commands,
    st.lists(descriptors, max_size=5),
    pts_adjustment=U33,
    tier=st.integers(0, 0xFFF),
    cw_index=U8,
    sap_type=st.integers(0, 3),
    encryption_algorithm=st.integers(0, 0x3F),
)
