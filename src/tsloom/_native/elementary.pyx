"""The reader of elementary streams' headers, bound."""

cimport cython
from libc.stdint cimport uint8_t

from tsloom._native cimport c_elementary
from tsloom._native.c_batch cimport TS_PACKET_SIZE
from tsloom._native.c_elementary cimport (
    ts_elementary,
    ts_elementary_kind,
    ts_elementary_stage,
    ts_tick_intervals,
)
from tsloom._native.pipeline cimport Stage
from tsloom._native.status cimport raise_for

from tsloom.errors import UsageError

KINDS = {
    "mpeg_video": c_elementary.TS_ELEMENTARY_MPEG_VIDEO,
    "h264": c_elementary.TS_ELEMENTARY_AVC,
    "hevc": c_elementary.TS_ELEMENTARY_HEVC,
    "mpeg_audio": c_elementary.TS_ELEMENTARY_MPEG_AUDIO,
    "adts": c_elementary.TS_ELEMENTARY_ADTS,
    "latm": c_elementary.TS_ELEMENTARY_LATM,
    "ac3": c_elementary.TS_ELEMENTARY_AC3,
}
NAMES = {number: name for name, number in KINDS.items()}


cdef tuple read_intervals(const ts_tick_intervals *intervals):
    return intervals.count, intervals.sum, intervals.shortest, intervals.longest


cdef dict read_measured(const ts_elementary *elementary):
    # What has begun counts as far as it is known, in a copy: the machine itself goes on.
    cdef ts_elementary ended = elementary[0]
    c_elementary.ts_elementary_end(&ended)
    return {
        "kind": NAMES[ended.kind],
        "format_bytes": <bytes> (<char *> ended.format.bytes)[:ended.format.size],
        "format_changes": ended.format.changes,
        "vps_bytes": <bytes> (<char *> ended.vps.bytes)[:ended.vps.size],
        "pes_packets": ended.pes_packets,
        "scrambled_packets": ended.scrambled_packets,
        "unaligned": ended.unaligned,
        "losses": ended.losses,
        "frames": ended.frames,
        "field_pictures": ended.field_pictures,
        "frame_num_gaps": ended.frame_num_gaps,
        "interlaced_frames": ended.interlaced,
        "unknown_pictures": ended.pictures[<int> c_elementary.TS_PICTURE_UNKNOWN],
        "i_pictures": ended.pictures[<int> c_elementary.TS_PICTURE_I],
        "p_pictures": ended.pictures[<int> c_elementary.TS_PICTURE_P],
        "b_pictures": ended.pictures[<int> c_elementary.TS_PICTURE_B],
        "idr_pictures": ended.idr_pictures,
        "random_access_points": ended.random_access_points,
        "gop_count": ended.gop.count,
        "gop_frames": ended.gop.frames,
        "gop_shortest": ended.gop.shortest,
        "gop_longest": ended.gop.longest,
        "gop_last": ended.gop.last,
        "gop_open_count": ended.gop.open_count,
        "gop_structure": (<bytes> ended.gop.last_structure).decode("ascii"),
        "begun_structure": (<bytes> ended.gop.structure).decode("ascii"),
        "idr_interval": read_intervals(&ended.idr_interval),
        "decode_interval": read_intervals(&ended.decode_interval),
        "has_cea_608": bool(ended.captions & c_elementary.TS_CAPTIONS_CEA_608),
        "has_cea_708": bool(ended.captions & c_elementary.TS_CAPTIONS_CEA_708),
        "caption_messages": ended.caption_messages,
        "audio_frames": ended.audio_frames,
        "audio_frame_bytes": ended.audio_frame_bytes,
    }


@cython.final
cdef class ElementaryHeads:
    """One elementary stream's headers, packet by packet."""

    cdef ts_elementary _elementary

    def __cinit__(self, str kind):
        if kind not in KINDS:
            raise UsageError("no such kind of elementary stream", kind=kind)
        c_elementary.ts_elementary_init(&self._elementary, <ts_elementary_kind> <int> KINDS[kind])

    def feed(self, const uint8_t[::1] packet not None):
        if packet.shape[0] != TS_PACKET_SIZE:
            raise UsageError("a packet is 188 bytes", size=packet.shape[0])
        return bool(c_elementary.ts_elementary_feed(&self._elementary, &packet[0]))

    def lose(self):
        c_elementary.ts_elementary_lose(&self._elementary)

    def measured(self):
        return read_measured(&self._elementary)


cdef class ElementaryStage(Stage):
    """Reads the headers of all elementary streams that PMTs list."""

    cdef ts_elementary_stage _stage

    def __cinit__(self, *args, **kwargs):
        raise_for(c_elementary.ts_elementary_stage_init(&self._stage))
        self.stage.process = c_elementary.ts_elementary_stage_process
        self.stage.state = &self._stage

    def __dealloc__(self):
        c_elementary.ts_elementary_stage_free(&self._stage)

    def measured(self):
        """By PID."""
        with self.lock:
            return {
                pid: read_measured(self._stage.stream[pid])
                for pid in range(8192) if self._stage.stream[pid] is not NULL
            }
