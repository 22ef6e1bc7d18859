/* Between random_access.c and random_access_video.c. */
#ifndef TSLOOM_RANDOM_ACCESS_INTERNAL_H
#define TSLOOM_RANDOM_ACCESS_INTERNAL_H

#include "tsloom/random_access.h"

/* One packet of a video stream. */
typedef struct random_access_packet {
    ts_random_access *stage;
    ts_video_stream *video;
    uint16_t pid;
    uint64_t packet_index;
} random_access_packet;

/* random_access_video.c */
bool random_access_is_video(uint8_t stream_type);
/* The elementary stream's next bytes. */
void random_access_read(const random_access_packet *at, const uint8_t *bytes, size_t size);
/* Bytes are missing between those before and those that come. */
void random_access_lose(ts_video_stream *video);

/* random_access.c: the stream time of the point's packet. */
void random_access_set_time(const random_access_packet *at, ts_random_access_point *point);
void random_access_report(const random_access_packet *at, const ts_random_access_point *point);

#endif
