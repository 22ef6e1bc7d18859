"""The decoder's buffers, bound."""

cimport cython
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc

from tsloom._native cimport c_tstd as kernels
from tsloom._native.c_tstd cimport (
    ts_tstd,
    ts_tstd_event,
    ts_tstd_packet,
    ts_tstd_params,
    ts_tstd_stream,
    ts_tstd_unit_start,
)
from tsloom._native.status cimport raise_for

from tsloom.errors import UsageError

CODECS = {
    "mpeg1_video": kernels.TS_TSTD_MPEG1_VIDEO,
    "mpeg2_video": kernels.TS_TSTD_MPEG2_VIDEO,
    "avc": kernels.TS_TSTD_AVC,
    "hevc": kernels.TS_TSTD_HEVC,
    "mpeg_audio": kernels.TS_TSTD_MPEG_AUDIO,
    "aac": kernels.TS_TSTD_AAC,
    "ac3": kernels.TS_TSTD_AC3,
    "eac3": kernels.TS_TSTD_EAC3,
    "dts": kernels.TS_TSTD_DTS,
    "private": kernels.TS_TSTD_PRIVATE,
    "sections": kernels.TS_TSTD_SECTIONS,
}
KINDS = {
    "video": kernels.TS_TSTD_VIDEO,
    "audio": kernels.TS_TSTD_AUDIO,
    "systems": kernels.TS_TSTD_SYSTEMS,
}
KIND_NAMES = {kind: name for name, kind in KINDS.items()}
ASSUMED_NAMES = {
    kernels.TS_TSTD_ASSUMED_LEVEL: "level",
    kernels.TS_TSTD_ASSUMED_BUFFER: "buffer",
    kernels.TS_TSTD_ASSUMED_RATE: "rate",
    kernels.TS_TSTD_ASSUMED_CHANNELS: "channels",
    kernels.TS_TSTD_ASSUMED_CODEC: "codec",
}
EVENT_NAMES = {
    kernels.TS_TSTD_OVERFLOW: "overflow",
    kernels.TS_TSTD_NOT_EMPTY: "not_empty",
    kernels.TS_TSTD_DELAY: "delay",
    kernels.TS_TSTD_UNDERFLOW: "underflow",
}
# More units cannot begin in one packet.
cdef enum:
    MOST_UNITS = 184


def get_parameters(codec, *, uint8_t profile=0, uint8_t level=0, bint high_tier=False,
                   bint still=False, uint16_t channels=0, uint32_t bitrate_bps=0,
                   uint32_t buffer_bits=0):
    cdef ts_tstd_stream stream
    if codec not in CODECS:
        raise UsageError("no such codec", codec=codec, known=tuple(CODECS))
    stream.codec = <kernels.ts_tstd_codec> <int> CODECS[codec]
    stream.profile = profile
    stream.level = level
    stream.high_tier = high_tier
    stream.still = still
    stream.channels = channels
    stream.bitrate_bps = bitrate_bps
    stream.buffer_bits = buffer_bits
    cdef ts_tstd_params params = kernels.ts_tstd_get_params(&stream)
    return describe_parameters(&params)


cdef dict describe_parameters(const ts_tstd_params *params):
    return {
        "kind": KIND_NAMES[params.kind],
        "sizes_bytes": (params.size[0], params.size[1], params.size[2]),
        "rx_bps": params.rx_bps,
        "rbx_bps": params.rbx_bps,
        "delay_limit_27mhz": params.delay_limit,
        "assumed": tuple(name for bit, name in ASSUMED_NAMES.items() if params.assumed & bit),
    }


cdef struct event_list:
    ts_tstd_event *items
    size_t count
    size_t room
    bint failed


cdef void note_event(void *context, const ts_tstd_event *event) noexcept nogil:
    cdef event_list *events = <event_list *> context
    cdef void *grown
    if events.count == events.room:
        grown = realloc(events.items, (events.room + 64) * sizeof(ts_tstd_event))
        if grown is NULL:
            events.failed = True
            return
        events.items = <ts_tstd_event *> grown
        events.room += 64
    events.items[events.count] = event[0]
    events.count += 1


@cython.final
cdef class DecoderBuffers:
    cdef ts_tstd _tstd
    cdef event_list _events

    def __cinit__(self, *, kind, sizes_bytes, uint32_t rx_bps, uint32_t rbx_bps,
                  int64_t delay_limit_27mhz):
        cdef ts_tstd_params params
        params.kind = <kernels.ts_tstd_kind> <int> KINDS[kind]
        params.size[0], params.size[1], params.size[2] = sizes_bytes
        params.rx_bps = rx_bps
        params.rbx_bps = rbx_bps
        params.delay_limit = delay_limit_27mhz
        params.assumed = 0
        raise_for(kernels.ts_tstd_init(&self._tstd, &params, note_event, &self._events))

    def __dealloc__(self):
        free(self._events.items)

    cdef list take(self):
        cdef size_t i
        cdef ts_tstd_event *event
        if self._events.failed:
            raise MemoryError
        taken = []
        for i in range(self._events.count):
            event = &self._events.items[i]
            taken.append((EVENT_NAMES[event.kind], <int> event.buffer, event.packet_index,
                          event.time, event.amount, event.limit))
        self._events.count = 0
        return taken

    def feed(self, uint64_t packet_index, int64_t time_27mhz, int64_t duration_27mhz,
             uint8_t header_size, uint8_t data_size, units=()):
        cdef ts_tstd_unit_start starts[MOST_UNITS]
        cdef ts_tstd_packet packet
        cdef size_t count = 0
        if len(units) > MOST_UNITS:
            raise UsageError("a packet has no room for so many units", units=len(units))
        for offset, decode_time in units:
            starts[count].offset = offset
            starts[count].decode_time = (
                kernels.TS_TSTD_NO_TIME if decode_time is None else decode_time)
            count += 1
        packet.packet_index = packet_index
        packet.time = time_27mhz
        packet.duration = duration_27mhz
        packet.header_size = header_size
        packet.data_size = data_size
        packet.units = starts
        packet.unit_count = count
        kernels.ts_tstd_feed(&self._tstd, &packet)
        return self.take()

    def advance(self, int64_t time_27mhz):
        kernels.ts_tstd_advance(&self._tstd, time_27mhz)
        return self.take()

    def restart(self):
        kernels.ts_tstd_restart(&self._tstd)

    @property
    def figures(self):
        return <object> kernels.ts_tstd_get_figures(&self._tstd)

    @property
    def fills_bytes(self):
        cdef int i
        return tuple([kernels.ts_tstd_get_fill(&self._tstd, <kernels.ts_tstd_buffer> i)
                      for i in range(kernels.TS_TSTD_BUFFER_COUNT)])
