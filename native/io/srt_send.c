#include "tsloom/srt.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum {
    WAITS_MAX = 100, /* for room in a peer's buffer, of one message */
    WAIT_NS = 1000000
};

static size_t gather(char *message, const ts_udp_pieces *datagram) {
    size_t size = 0;
    for (uint32_t i = 0; i < datagram->count; i++) {
        const struct iovec *piece = &datagram->pieces[i];
        size_t room = TS_SRT_MESSAGE_MAX - size;
        size_t part = piece->iov_len < room ? piece->iov_len : room;
        memcpy(message + size, piece->iov_base, part);
        size += part;
    }
    return size;
}

static bool send_to_peer(const ts_srt_fan *fan, ts_srt_peer *peer, const char *message, int size) {
    const struct timespec pause = {.tv_nsec = WAIT_NS};
    unsigned waits = fan->waits ? WAITS_MAX : 0;
    for (;;) {
        if (fan->srt->sendmsg2(peer->id, message, size, NULL) >= 0) {
            return true;
        }
        if (fan->srt->getlasterror(NULL) / 1000 != TS_SRT_EASYNCSND / 1000) {
            peer->broken = true;
            return false;
        }
        if (waits-- == 0) {
            peer->dropped_messages++;
            return false;
        }
        (void)nanosleep(&pause, NULL);
    }
}

static bool has_peer(const ts_srt_fan *fan) {
    for (unsigned i = 0; i < fan->count; i++) {
        if (!fan->peers[i].broken) {
            return true;
        }
    }
    return false;
}

int ts_srt_fan_send(void *context, ts_udp_sender *sender, const ts_udp_pieces *datagrams,
                    unsigned count, unsigned *done) {
    ts_srt_fan *fan = context;
    char message[TS_SRT_MESSAGE_MAX];
    for (*done = 0; *done < count; (*done)++) {
        if (fan->waits && !has_peer(fan)) {
            return EINTR;
        }
        size_t size = gather(message, &datagrams[*done]);
        bool sent = false;
        for (unsigned i = 0; i < fan->count; i++) {
            ts_srt_peer *peer = &fan->peers[i];
            sent |= !peer->broken && send_to_peer(fan, peer, message, (int)size);
        }
        if (sent) {
            sender->counters.datagrams++;
            sender->counters.bytes += size;
        } else {
            sender->counters.lost_datagrams++;
        }
    }
    return 0;
}

size_t ts_srt_fan_get_pending(const ts_srt_fan *fan) {
    size_t most = 0;
    for (unsigned i = 0; i < fan->count; i++) {
        size_t blocks = 0;
        size_t bytes = 0;
        if (!fan->peers[i].broken &&
            fan->srt->getsndbuffer(fan->peers[i].id, &blocks, &bytes) >= 0) {
            most = bytes > most ? bytes : most;
        }
    }
    return most;
}
