#include "tsloom/srt.h"

#include "tsloom/packet.h"

#include <string.h>

static int get_error(const ts_srt_library *srt) {
    int code = srt->getlasterror(NULL);
    return code > 0 ? code : TS_SRT_FAILED;
}

static int set_switch(const ts_srt_socket *opened, unsigned option, bool value) {
    int32_t flag = value;
    return opened->srt->setsockflag(opened->id, option, &flag, sizeof flag);
}

static void start_empty(ts_srt_socket *opened, const ts_srt_library *srt, ts_srt_id id) {
    memset(opened, 0, sizeof *opened);
    opened->srt = srt;
    opened->id = id;
    opened->poll = -1;
}

int ts_srt_create(ts_srt_socket *opened, const ts_srt_library *srt) {
    start_empty(opened, srt, srt->create_socket());
    if (opened->id == TS_SRT_NONE) {
        return get_error(srt);
    }
    if (set_switch(opened, TS_SRT_RCVSYN, false) < 0 ||
        set_switch(opened, TS_SRT_SNDSYN, false) < 0) {
        int error = get_error(srt);
        ts_srt_close(opened);
        return error;
    }
    return 0;
}

void ts_srt_close(ts_srt_socket *opened) {
    if (!opened->srt || !opened->srt->handle) {
        opened->id = TS_SRT_NONE;
        return;
    }
    if (opened->id != TS_SRT_NONE) {
        (void)opened->srt->close(opened->id);
        opened->id = TS_SRT_NONE;
    }
    if (opened->poll >= 0) {
        (void)opened->srt->epoll_release(opened->poll);
        opened->poll = -1;
    }
}

int ts_srt_bind(ts_srt_socket *opened, const ts_udp_address *local) {
    int size = (int)ts_udp_address_get_size(local);
    return opened->srt->bind(opened->id, &local->any, size) < 0 ? get_error(opened->srt) : 0;
}

int ts_srt_connect(ts_srt_socket *opened, const ts_udp_address *remote) {
    int size = (int)ts_udp_address_get_size(remote);
    return opened->srt->connect(opened->id, &remote->any, size) < 0 ? get_error(opened->srt) : 0;
}

int ts_srt_get_peer(const ts_srt_socket *opened, ts_udp_address *peer) {
    int size = sizeof *peer;
    memset(peer, 0, sizeof *peer);
    int result = opened->srt->getpeername(opened->id, &peer->any, &size);
    return result < 0 ? get_error(opened->srt) : 0;
}

int ts_srt_get_local(const ts_srt_socket *opened, ts_udp_address *local) {
    int size = sizeof *local;
    memset(local, 0, sizeof *local);
    int result = opened->srt->getsockname(opened->id, &local->any, &size);
    return result < 0 ? get_error(opened->srt) : 0;
}

static bool watch(ts_srt_socket *opened, int events) {
    if (opened->poll < 0) {
        opened->poll = opened->srt->epoll_create();
        opened->watched = 0;
    }
    if (opened->poll >= 0 && opened->watched != events) {
        if (opened->watched) {
            (void)opened->srt->epoll_remove_usock(opened->poll, opened->id);
        }
        int wanted = events | TS_SRT_ERR;
        opened->watched =
            opened->srt->epoll_add_usock(opened->poll, opened->id, &wanted) < 0 ? 0 : events;
    }
    return opened->watched == events;
}

bool ts_srt_wait(ts_srt_socket *opened, int events, int64_t timeout_ms) {
    ts_srt_event event;
    if (opened->id == TS_SRT_NONE || !watch(opened, events)) {
        return true; /* the call that follows says what is wrong */
    }
    /* What broke before it was watched never becomes an event. */
    if (events == TS_SRT_OUT && opened->srt->getsockstate(opened->id) > TS_SRT_CONNECTED) {
        return true;
    }
    return opened->srt->epoll_uwait(opened->poll, &event, 1, timeout_ms) != 0;
}

static void count_message(ts_srt_socket *opened, const uint8_t *bytes, size_t size) {
    opened->counters.bytes += size;
    opened->counters.messages++;
    if (size % TS_PACKET_SIZE != 0 || bytes[0] != TS_SYNC_BYTE) {
        opened->counters.odd_messages++;
    }
}

int ts_srt_receive(ts_srt_socket *opened, uint8_t *buffer, size_t capacity, int64_t timeout_ms,
                   size_t *received) {
    *received = 0;
    for (;;) {
        while (capacity - *received >= TS_SRT_MESSAGE_MAX) {
            uint8_t *message = buffer + *received;
            int size = opened->srt->recvmsg2(opened->id, (char *)message, TS_SRT_MESSAGE_MAX, NULL);
            if (size <= 0) {
                break;
            }
            count_message(opened, message, (size_t)size);
            *received += (size_t)size;
        }
        if (*received) {
            return 0;
        }
        int error = get_error(opened->srt);
        if (error != TS_SRT_EASYNCRCV) {
            return error;
        }
        if (timeout_ms <= 0 || !ts_srt_wait(opened, TS_SRT_IN, timeout_ms)) {
            return 0;
        }
        timeout_ms = 0;
    }
}

int ts_srt_accept(ts_srt_socket *listener, ts_srt_socket *accepted) {
    start_empty(accepted, listener->srt, TS_SRT_NONE);
    accepted->id = listener->srt->accept(listener->id, NULL, NULL);
    return accepted->id == TS_SRT_NONE ? get_error(listener->srt) : 0;
}
