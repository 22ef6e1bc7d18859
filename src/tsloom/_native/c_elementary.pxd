from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from tsloom._native.c_batch cimport ts_batch
from tsloom._native.c_status cimport ts_status

cdef extern from "tsloom/elementary.h" nogil:
    enum:
        TS_CAPTIONS_CEA_608
        TS_CAPTIONS_CEA_708

    ctypedef enum ts_elementary_kind:
        TS_ELEMENTARY_NONE
        TS_ELEMENTARY_MPEG_VIDEO
        TS_ELEMENTARY_AVC
        TS_ELEMENTARY_HEVC
        TS_ELEMENTARY_MPEG_AUDIO
        TS_ELEMENTARY_ADTS
        TS_ELEMENTARY_LATM
        TS_ELEMENTARY_AC3

    ctypedef enum ts_picture_type:
        TS_PICTURE_UNKNOWN
        TS_PICTURE_I
        TS_PICTURE_P
        TS_PICTURE_B

    ctypedef struct ts_parameter_set:
        uint8_t bytes[1]
        uint16_t size
        uint32_t changes

    ctypedef struct ts_tick_intervals:
        uint64_t count
        uint64_t sum
        uint64_t shortest
        uint64_t longest

    ctypedef struct ts_gop_statistics:
        uint64_t count
        uint64_t frames
        uint32_t shortest
        uint32_t longest
        uint32_t last
        uint32_t length
        uint64_t open_count
        char structure[1]
        char last_structure[1]

    ctypedef struct ts_elementary:
        ts_elementary_kind kind
        ts_parameter_set format
        ts_parameter_set vps
        uint64_t pes_packets
        uint64_t scrambled_packets
        uint64_t unaligned
        uint64_t losses
        uint64_t frames
        uint64_t field_pictures
        uint64_t frame_num_gaps
        uint64_t interlaced
        uint64_t pictures[4]
        uint64_t idr_pictures
        uint64_t random_access_points
        ts_gop_statistics gop
        ts_tick_intervals idr_interval
        ts_tick_intervals decode_interval
        unsigned captions
        uint64_t caption_messages
        uint64_t audio_frames
        uint64_t audio_frame_bytes

    void ts_elementary_init(ts_elementary *elementary, ts_elementary_kind kind)
    bint ts_elementary_feed(ts_elementary *elementary, const uint8_t *packet)
    void ts_elementary_lose(ts_elementary *elementary)
    void ts_elementary_end(ts_elementary *elementary)

cdef extern from "tsloom/elementary_stage.h" nogil:
    ctypedef struct ts_elementary_stage:
        ts_elementary *stream[8192]

    ts_status ts_elementary_stage_init(ts_elementary_stage *stage)
    void ts_elementary_stage_free(ts_elementary_stage *stage)
    ts_status ts_elementary_stage_process(void *stage, ts_batch *batch)
