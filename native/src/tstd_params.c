/* Sizes and rates of the decoder model, by clause of ISO/IEC 13818-1 and of the codecs' own
 * standards. Bits become bytes rounded down, so that no buffer is larger than its clause makes it.
 */
#include "tsloom/packet.h"
#include "tsloom/tstd.h"

enum {
    DELAY_SECONDS = 1,        /* 2.4.2.6 */
    STILL_DELAY_SECONDS = 60, /* 2.4.2.6: still pictures */
    AUDIO_RX_BPS = 2000000,   /* 2.4.2.3 */
    AUDIO_B_BYTES = 3584,     /* 2.4.2.3 */
    SYSTEMS_RX_BPS = 1000000, /* 2.4.2.3 */
    SYSTEMS_B_BYTES = 1536,   /* 2.4.2.3 */
    SYSTEMS_RBX_BPS = 80000,  /* 2.4.2.3: at least, else a 500th of the transport rate */
    AC3_B_BYTES = 5696,       /* TS 101 154; ATSC A/52 has 2592 */
    DTS_B_BYTES = 9088,       /* TS 101 154 */
    PRIVATE_B_BYTES = 65536,
    MPEG1_RATE_BPS = 1856000, /* ISO/IEC 11172-2: constrained parameters */
    MPEG1_VBV_BITS = 20 * 16384,
    MPEG2_PROFILE_MAIN = 4,
    MPEG2_LEVEL_HIGH = 4,
    MPEG2_LEVEL_MAIN = 8,
    LEVEL_RATE_LEAST = 2000000 /* 2.14.3.1, 2.17.2: for BSmux and BSoh */
};

typedef struct level_limits {
    uint8_t profile; /* 0: of any */
    uint8_t level;
    uint32_t rate;   /* bit/s, or MaxBR */
    uint32_t buffer; /* bits, or MaxCPB */
} level_limits;

/* ISO/IEC 13818-2, tables 8-13 and 8-14; the first four bits of profile_and_level_indication, with
 * the escape bit, and the last four. */
static const level_limits mpeg2_levels[] = {
    {5, 8, 15000000, 1835008},  {4, 10, 4000000, 475136},    {4, 8, 15000000, 1835008},
    {4, 6, 60000000, 7340032},  {4, 4, 80000000, 9781248},   {3, 10, 4000000, 475136},
    {3, 8, 15000000, 1835008},  {2, 6, 60000000, 7340032},   {1, 8, 20000000, 2441216},
    {1, 6, 80000000, 9781248},  {1, 4, 100000000, 12222464}, {8, 5, 50000000, 9437184},
    {8, 2, 300000000, 47185920}};

/* ITU-T H.264, table A-1. */
static const level_limits avc_levels[] = {
    {0, 10, 64, 175},        {0, 9, 128, 350},        {0, 11, 192, 500},
    {0, 12, 384, 1000},      {0, 13, 768, 2000},      {0, 20, 2000, 2000},
    {0, 21, 4000, 4000},     {0, 22, 4000, 4000},     {0, 30, 10000, 10000},
    {0, 31, 14000, 14000},   {0, 32, 20000, 20000},   {0, 40, 20000, 25000},
    {0, 41, 50000, 62500},   {0, 42, 50000, 62500},   {0, 50, 135000, 135000},
    {0, 51, 240000, 240000}, {0, 52, 240000, 240000}, {0, 60, 240000, 240000},
    {0, 61, 480000, 480000}, {0, 62, 800000, 800000}};

/* ITU-T H.265, tables A.8 and A.9: profile 0 is the main tier, 1 the high one. */
static const level_limits hevc_levels[] = {
    {0, 30, 128, 350},        {0, 60, 1500, 1500},      {0, 63, 3000, 3000},
    {0, 90, 6000, 6000},      {0, 93, 10000, 10000},    {0, 120, 12000, 12000},
    {0, 123, 20000, 20000},   {0, 150, 25000, 25000},   {0, 153, 40000, 40000},
    {0, 156, 60000, 60000},   {0, 180, 60000, 60000},   {0, 183, 120000, 120000},
    {0, 186, 240000, 240000}, {1, 120, 30000, 30000},   {1, 123, 50000, 50000},
    {1, 150, 100000, 100000}, {1, 153, 160000, 160000}, {1, 156, 240000, 240000},
    {1, 180, 240000, 240000}, {1, 183, 480000, 480000}, {1, 186, 800000, 800000}};

#define COUNT_OF(table) (sizeof(table) / sizeof(table)[0])

static const level_limits *find_level(const level_limits *levels, size_t count, uint8_t profile,
                                      uint8_t level) {
    for (size_t i = 0; i < count; i++) {
        if (levels[i].profile == profile && levels[i].level == level) {
            return &levels[i];
        }
    }
    return NULL;
}

/* The clauses' BSmux, 4 ms, and BSoh, a 750th of a second, at a rate. */
static uint32_t multiplex_bytes(uint32_t rate_bps) {
    return rate_bps / 250 / 8 + rate_bps / 750 / 8;
}

/* What vbv or CPB leave of the level's greatest goes to MB. */
static void set_video_buffers(ts_tstd_params *params, const ts_tstd_stream *stream,
                              uint32_t buffer_most, uint32_t rate_bps) {
    uint32_t own = stream->buffer_bits;
    if (own == 0) {
        own = buffer_most;
        params->assumed |= TS_TSTD_ASSUMED_BUFFER;
    }
    params->kind = TS_TSTD_VIDEO;
    params->size[TS_TSTD_MB] =
        multiplex_bytes(rate_bps) + (own < buffer_most ? (buffer_most - own) / 8 : 0);
    params->size[TS_TSTD_EB] = own / 8;
}

static void set_mpeg1_video(ts_tstd_params *params, const ts_tstd_stream *stream) {
    const uint32_t rate =
        stream->bitrate_bps > MPEG1_RATE_BPS ? stream->bitrate_bps : MPEG1_RATE_BPS;
    set_video_buffers(params, stream, MPEG1_VBV_BITS, rate);
    params->rx_bps = rate + rate / 5;
    params->rbx_bps = rate + rate / 5;
}

/* 2.4.2.3: at Low and Main level MB gives way at Rmax, at High 1440 and High level at 1.05 times
 * the sequence's own rate, if that is less; and there MB has no share of the vbv. */
static void set_mpeg2_video(ts_tstd_params *params, const ts_tstd_stream *stream) {
    const level_limits *limits =
        find_level(mpeg2_levels, COUNT_OF(mpeg2_levels), stream->profile, stream->level);
    if (limits == NULL) {
        limits =
            find_level(mpeg2_levels, COUNT_OF(mpeg2_levels), MPEG2_PROFILE_MAIN, MPEG2_LEVEL_HIGH);
        params->assumed |= TS_TSTD_ASSUMED_LEVEL;
    }
    const uint32_t most = limits->rate;
    set_video_buffers(params, stream, limits->buffer, most);
    params->rx_bps = most + most / 5;
    params->rbx_bps = most;
    if (limits->level >= MPEG2_LEVEL_MAIN) {
        return;
    }
    params->size[TS_TSTD_MB] = multiplex_bytes(most);
    if (stream->bitrate_bps == 0) {
        params->assumed |= TS_TSTD_ASSUMED_RATE;
    } else if (stream->bitrate_bps < most - most / 20) {
        params->rbx_bps = stream->bitrate_bps + stream->bitrate_bps / 20;
    }
}

/* ITU-T H.264, table A-2: cpbBrNalFactor. ISO/IEC 13818-1 prints 1200, which is that of Baseline,
 * Main and Extended. */
static uint32_t avc_factor(uint8_t profile_idc) {
    switch (profile_idc) {
    case 66:
    case 77:
    case 88:
        return 1200;
    case 110:
        return 3600;
    case 122:
    case 244:
    case 44:
        return 4800;
    default:
        return 1500;
    }
}

static uint32_t times(uint32_t value, uint32_t factor) {
    const uint64_t product = (uint64_t)value * factor;
    const uint64_t most = UINT32_C(1) << 30;
    return (uint32_t)(product < most ? product : most);
}

/* 2.14.3.1 for AVC, 2.17.2 for HEVC. TB gives way at the level's rate: a lower one out of the HRD
 * would not carry the transport packets' own overhead. */
static void set_level_video(ts_tstd_params *params, const ts_tstd_stream *stream,
                            const level_limits *limits, uint32_t factor) {
    const uint32_t rate = times(limits->rate, factor);
    set_video_buffers(params, stream, times(limits->buffer, factor),
                      rate > LEVEL_RATE_LEAST ? rate : LEVEL_RATE_LEAST);
    params->rx_bps = rate;
    params->rbx_bps = rate;
}

static void set_avc(ts_tstd_params *params, const ts_tstd_stream *stream) {
    const level_limits *limits = find_level(avc_levels, COUNT_OF(avc_levels), 0, stream->level);
    if (limits == NULL) {
        limits = find_level(avc_levels, COUNT_OF(avc_levels), 0, 42);
        params->assumed |= TS_TSTD_ASSUMED_LEVEL;
    }
    set_level_video(params, stream, limits, avc_factor(stream->profile));
}

static void set_hevc(ts_tstd_params *params, const ts_tstd_stream *stream) {
    const level_limits *limits =
        find_level(hevc_levels, COUNT_OF(hevc_levels), stream->high_tier, stream->level);
    if (limits == NULL) {
        limits = find_level(hevc_levels, COUNT_OF(hevc_levels), stream->high_tier, 153);
        params->assumed |= TS_TSTD_ASSUMED_LEVEL;
    }
    set_level_video(params, stream, limits, 1100); /* BrNalFactor of Main and Main 10 */
}

static void set_audio(ts_tstd_params *params, uint32_t bytes) {
    params->kind = TS_TSTD_AUDIO;
    params->rx_bps = AUDIO_RX_BPS;
    params->size[TS_TSTD_B] = bytes;
}

/* 2.4.2.3: by the number of channels. */
static void set_aac(ts_tstd_params *params, uint16_t channels) {
    static const struct {
        uint16_t channels;
        uint32_t rx_bps;
        uint32_t bytes;
    } sizes[] = {
        {2, 2000000, 3584}, {8, 5529600, 8976}, {12, 8294400, 12804}, {48, 33177600, 51216}};
    size_t row = 0;
    while (row + 1 < COUNT_OF(sizes) && channels > sizes[row].channels) {
        row++;
    }
    set_audio(params, sizes[row].bytes);
    params->rx_bps = sizes[row].rx_bps;
    params->assumed |= channels == 0 ? TS_TSTD_ASSUMED_CHANNELS : 0u;
}

static void set_systems(ts_tstd_params *params, uint32_t transport_bps) {
    const uint32_t share = transport_bps / 500;
    params->kind = TS_TSTD_SYSTEMS;
    params->rx_bps = SYSTEMS_RX_BPS;
    params->rbx_bps = share > SYSTEMS_RBX_BPS ? share : SYSTEMS_RBX_BPS;
    params->size[TS_TSTD_B] = SYSTEMS_B_BYTES;
    params->assumed |= transport_bps == 0 ? TS_TSTD_ASSUMED_RATE : 0u;
}

static void set_other_audio(ts_tstd_params *params, ts_tstd_codec codec) {
    switch (codec) {
    case TS_TSTD_MPEG_AUDIO:
        set_audio(params, AUDIO_B_BYTES);
        return;
    case TS_TSTD_AC3:
        set_audio(params, AC3_B_BYTES);
        return;
    case TS_TSTD_EAC3:
        set_audio(params, AC3_B_BYTES);
        break;
    case TS_TSTD_DTS:
        set_audio(params, DTS_B_BYTES);
        break;
    default:
        set_audio(params, PRIVATE_B_BYTES);
        break;
    }
    params->assumed |= TS_TSTD_ASSUMED_CODEC;
}

ts_tstd_params ts_tstd_get_params(const ts_tstd_stream *stream) {
    const int64_t seconds = stream->still ? STILL_DELAY_SECONDS : DELAY_SECONDS;
    ts_tstd_params params = {.size = {TS_TSTD_TRANSPORT_BUFFER_BYTES, 0, 0},
                             .delay_limit = seconds * TS_PCR_HZ};
    switch (stream->codec) {
    case TS_TSTD_MPEG1_VIDEO:
        set_mpeg1_video(&params, stream);
        break;
    case TS_TSTD_MPEG2_VIDEO:
        set_mpeg2_video(&params, stream);
        break;
    case TS_TSTD_AVC:
        set_avc(&params, stream);
        break;
    case TS_TSTD_HEVC:
        set_hevc(&params, stream);
        break;
    case TS_TSTD_AAC:
        set_aac(&params, stream->channels);
        break;
    case TS_TSTD_SECTIONS:
        set_systems(&params, stream->bitrate_bps);
        break;
    default:
        set_other_audio(&params, stream->codec);
        break;
    }
    return params;
}
