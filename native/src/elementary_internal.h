/* Between the files of elementary.h. */
#ifndef TSLOOM_ELEMENTARY_INTERNAL_H
#define TSLOOM_ELEMENTARY_INTERNAL_H

#include "tsloom/elementary.h"

/* Bits, most significant first. Where there are too few, the answer is 0, none are left, and
 * overrun is set. */
typedef struct elementary_bits {
    const uint8_t *bytes;
    size_t bit_count;
    size_t at;
    bool overrun;
} elementary_bits;

elementary_bits elementary_begin_bits(const uint8_t *bytes, size_t size);
uint32_t elementary_get_bits(elementary_bits *bits, unsigned count); /* at most 32 */
uint32_t elementary_get_ue(elementary_bits *bits);
/* Without emulation_prevention_three_bytes; returns the size, at most capacity. */
size_t elementary_unescape(const uint8_t *bytes, size_t size, uint8_t *out, size_t capacity);

/* elementary_video.c: reads what head holds. */
void elementary_read_video(ts_elementary *e);
void elementary_end_video(ts_elementary *e);
/* elementary_audio.c */
void elementary_read_audio(ts_elementary *e);

/* elementary_mpeg_video.c: one unit, from the byte behind the start code. */
void elementary_take_mpeg_video(ts_elementary *e, const uint8_t *unit, size_t size);
/* elementary_avc.c, elementary_hevc.c */
void elementary_take_avc(ts_elementary *e, const uint8_t *unit, size_t size);
void elementary_take_hevc(ts_elementary *e, const uint8_t *unit, size_t size);

/* elementary_captions.c: behind itu_t_t35_provider_code, or behind user_data_start_code. */
void elementary_take_atsc_user_data(ts_elementary *e, const uint8_t *bytes, size_t size);
/* sei_rbsp(), from the byte behind the NAL unit's header, escaped as it is. */
void elementary_take_sei(ts_elementary *e, const uint8_t *bytes, size_t size);

/* elementary_picture.c: the access unit is known as far as it ever will be. */
void elementary_end_picture(ts_elementary *e, bool is_random_access, bool is_idr);
void elementary_keep_set(ts_parameter_set *set, const uint8_t *bytes, size_t size);

#endif
