/* SRT sockets for transport packets: connect, listen, receive, send to many.
 *
 * No socket blocks; who waits says for how long. Functions answer 0 or libsrt's error code, whose
 * words the calling thread gets from the library. Addresses are numbers here, as in udp.h. */
#ifndef TSLOOM_SRT_H
#define TSLOOM_SRT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/srt_library.h"
#include "tsloom/udp.h"

enum {
    TS_SRT_MESSAGE_MAX = 1500, /* more than any payload in live mode (1456) */
    TS_SRT_STREAMID_MAX = 512,
    TS_SRT_PASSPHRASE_MAX = 79,
    TS_SRT_PKT_SIZE = TS_UDP_PKT_SIZE
};

typedef struct ts_srt_counters {
    uint64_t bytes;
    uint64_t messages;
    uint64_t odd_messages; /* not whole 188-byte packets */
} ts_srt_counters;

typedef struct ts_srt_socket {
    const ts_srt_library *srt;
    ts_srt_id id; /* TS_SRT_NONE: closed */
    int poll;     /* the library's epoll, which watches this socket alone; -1: not yet */
    int watched;  /* the events it watches for */
    ts_srt_counters counters;
} ts_srt_socket;

int ts_srt_create(ts_srt_socket *opened, const ts_srt_library *srt);
/* May be called twice. */
void ts_srt_close(ts_srt_socket *opened);
int ts_srt_bind(ts_srt_socket *opened, const ts_udp_address *local);
/* Begins; ts_srt_wait for TS_SRT_OUT says when it is over, the socket's state how it went. */
int ts_srt_connect(ts_srt_socket *opened, const ts_udp_address *remote);
int ts_srt_get_peer(const ts_srt_socket *opened, ts_udp_address *peer);
int ts_srt_get_local(const ts_srt_socket *opened, ts_udp_address *local);

/* Whether one of the events (TS_SRT_IN or TS_SRT_OUT) or an error is there before the timeout. */
bool ts_srt_wait(ts_srt_socket *opened, int events, int64_t timeout_ms);

/* Waits for a message, then takes all that are there. The buffer has room for TS_SRT_MESSAGE_MAX
 * bytes or more. received 0 with 0 as answer: nothing came in time. */
int ts_srt_receive(ts_srt_socket *opened, uint8_t *buffer, size_t capacity, int64_t timeout_ms,
                   size_t *received);

/* Who may come in. The library's receiver thread reads it while callers shake hands; only the
 * atomic fields change then. */
typedef struct ts_srt_access_entry {
    char streamid[TS_SRT_STREAMID_MAX + 1];
    char passphrase[TS_SRT_PASSPHRASE_MAX + 1]; /* empty: the listener's own */
} ts_srt_access_entry;

typedef struct ts_srt_access {
    const ts_srt_library *srt;
    ts_srt_access_entry *entries;
    size_t count; /* 0: any streamid */
    bool gives;   /* a caller that asks to publish is refused; else one that asks to be served */
    atomic_int room;
    atomic_uint refused_streamids;
    atomic_uint refused_full;
} ts_srt_access;

/* The codes a caller is refused with (access_control.h of the library). */
enum { TS_SRT_REJX_OVERLOAD = 1402, TS_SRT_REJX_FORBIDDEN = 1403, TS_SRT_REJX_BAD_MODE = 1405 };

/* The reason to refuse a caller with this streamid, or 0 and the entry (NULL: there is no table). A
 * streamid of the form #!::key=value,... is known by its r= too; its m= says what is wanted. */
int ts_srt_access_judge(const ts_srt_access *access, const char *streamid,
                        const ts_srt_access_entry **entry);

/* The access stays where it is until the socket is closed. */
int ts_srt_listen(ts_srt_socket *opened, ts_srt_access *access, int backlog);
/* TS_SRT_EASYNCRCV: nobody has come. */
int ts_srt_accept(ts_srt_socket *listener, ts_srt_socket *accepted);

typedef struct ts_srt_peer {
    ts_srt_id id;
    bool broken;
    uint64_t dropped_messages; /* its buffer was full */
} ts_srt_peer;

/* One stream to several peers. */
typedef struct ts_srt_fan {
    const ts_srt_library *srt;
    ts_srt_peer *peers;
    unsigned count;
    unsigned capacity;
    bool waits; /* for a peer to come and for room, rather than dropping: the input can wait */
} ts_srt_fan;

/* ts_udp_transport; the context is a ts_srt_fan. With waits and without a peer it answers EINTR. */
int ts_srt_fan_send(void *context, ts_udp_sender *sender, const ts_udp_pieces *datagrams,
                    unsigned count, unsigned *done);
/* Bytes that some peer has not acknowledged yet. */
size_t ts_srt_fan_get_pending(const ts_srt_fan *fan);

#endif
