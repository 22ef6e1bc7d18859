/* libsrt, loaded at run time: what of its interface is used here, declared anew.
 *
 * The binary interface is the same from libsrt 1.4.2 to 1.5.5. tests/interop/test_srt_headers.py
 * compares these declarations with the library's own. */
#ifndef TSLOOM_SRT_LIBRARY_H
#define TSLOOM_SRT_LIBRARY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

typedef int32_t ts_srt_id; /* SRTSOCKET */

enum { TS_SRT_NONE = -1, TS_SRT_FAILED = -1 };

/* SRT_SOCKSTATUS */
enum {
    TS_SRT_INIT = 1,
    TS_SRT_OPENED,
    TS_SRT_LISTENING,
    TS_SRT_CONNECTING,
    TS_SRT_CONNECTED,
    TS_SRT_BROKEN,
    TS_SRT_CLOSING,
    TS_SRT_CLOSED,
    TS_SRT_NONEXIST
};

/* SRT_EPOLL_OPT */
enum { TS_SRT_IN = 0x1, TS_SRT_OUT = 0x4, TS_SRT_ERR = 0x8 };

/* SRT_ERRNO, as far as it is told apart */
enum { TS_SRT_EASYNCSND = 6001, TS_SRT_EASYNCRCV = 6002, TS_SRT_ETIMEOUT = 6003 };

/* SRT_SOCKOPT: those that the code itself sets or reads; the others are numbers from above. */
enum { TS_SRT_SNDSYN = 1, TS_SRT_RCVSYN = 2, TS_SRT_PASSPHRASE = 26, TS_SRT_STREAMID = 46 };

/* SRT_MSGCTRL */
typedef struct ts_srt_message {
    int flags;
    int msgttl;
    int inorder;
    int boundary;
    int64_t srctime;
    int32_t pktseq;
    int32_t msgno;
    void *grpdata;
    size_t grpdata_size;
} ts_srt_message;

/* SRT_EPOLL_EVENT */
typedef struct ts_srt_event {
    ts_srt_id id;
    int events;
} ts_srt_event;

/* CBytePerfMon, whose order is the library's; what is read has a name, the rest is room. */
typedef struct ts_srt_stats {
    int64_t ms_time_stamp;
    int64_t pkt_sent_total;
    int64_t pkt_recv_total;
    int pkt_snd_loss_total;
    int pkt_rcv_loss_total;
    int pkt_retrans_total;
    int acks_and_naks_total[4];
    int64_t us_snd_duration_total;
    int pkt_snd_drop_total;
    int pkt_rcv_drop_total;
    int pkt_rcv_undecrypt_total;
    uint64_t byte_sent_total;
    uint64_t byte_recv_total;
    uint64_t bytes_total[5];
    int64_t pkt_sent;
    int64_t pkt_recv;
    int counts[8];
    double mbps_send_rate;
    double mbps_recv_rate;
    int64_t us_snd_duration;
    int pkt_reorder_distance;
    double pkt_rcv_avg_belated_time;
    int64_t pkt_rcv_belated;
    int drops[3];
    uint64_t bytes[7];
    double us_pkt_snd_period;
    int pkt_flow_window;
    int pkt_congestion_window;
    int pkt_flight_size;
    double ms_rtt;
    double mbps_bandwidth;
    int byte_avail_snd_buf;
    int byte_avail_rcv_buf;
    double mbps_max_bw;
    int byte_mss;
    int pkt_snd_buf;
    int byte_snd_buf;
    int ms_snd_buf;
    int ms_snd_tsb_pd_delay;
    int pkt_rcv_buf;
    int byte_rcv_buf;
    int ms_rcv_buf;
    int ms_rcv_tsb_pd_delay;
    int filter_totals[2];
    int pkt_rcv_filter_supply_total;
    int pkt_rcv_filter_loss_total;
    int filter_counts[4];
    int pkt_reorder_tolerance;
    int64_t pkt_sent_unique_total;
    int64_t pkt_recv_unique_total;
    uint64_t byte_unique_totals[2];
    int64_t pkt_unique[2];
    uint64_t byte_unique[2];
} ts_srt_stats;

typedef int ts_srt_listen_callback(void *opaque, ts_srt_id id, int hsversion,
                                   const struct sockaddr *peer, const char *streamid);
typedef void ts_srt_log_handler(void *opaque, int level, const char *file, int line,
                                const char *area, const char *message);

typedef struct ts_srt_library {
    void *handle; /* NULL: not loaded */
    int (*startup)(void);
    int (*cleanup)(void);
    uint32_t (*getversion)(void);
    void (*setloglevel)(int level);
    void (*setloghandler)(void *opaque, ts_srt_log_handler *handler);
    ts_srt_id (*create_socket)(void);
    int (*close)(ts_srt_id id);
    int (*bind)(ts_srt_id id, const struct sockaddr *name, int size);
    int (*listen)(ts_srt_id id, int backlog);
    int (*listen_callback)(ts_srt_id id, ts_srt_listen_callback *hook, void *opaque);
    ts_srt_id (*accept)(ts_srt_id id, struct sockaddr *peer, int *size);
    int (*connect)(ts_srt_id id, const struct sockaddr *name, int size);
    int (*getpeername)(ts_srt_id id, struct sockaddr *name, int *size);
    int (*getsockname)(ts_srt_id id, struct sockaddr *name, int *size);
    int (*getsockflag)(ts_srt_id id, unsigned option, void *value, int *size);
    int (*setsockflag)(ts_srt_id id, unsigned option, const void *value, int size);
    unsigned (*getsockstate)(ts_srt_id id);
    int (*getrejectreason)(ts_srt_id id);
    int (*setrejectreason)(ts_srt_id id, int reason);
    int (*sendmsg2)(ts_srt_id id, const char *bytes, int size, ts_srt_message *message);
    int (*recvmsg2)(ts_srt_id id, char *bytes, int size, ts_srt_message *message);
    int (*bstats)(ts_srt_id id, ts_srt_stats *stats, int clear);
    int (*getsndbuffer)(ts_srt_id id, size_t *blocks, size_t *bytes);
    int (*getlasterror)(int *system_errno);
    const char *(*getlasterror_str)(void);
    int (*epoll_create)(void);
    int (*epoll_release)(int poll);
    int (*epoll_add_usock)(int poll, ts_srt_id id, const int *events);
    int (*epoll_remove_usock)(int poll, ts_srt_id id);
    int (*epoll_uwait)(int poll, ts_srt_event *events, int count, int64_t timeout_ms);
} ts_srt_library;

/* Loads the library of this name or path and starts it up. NULL, or the loader's words for what is
 * missing, valid until the next call. */
const char *ts_srt_library_load(ts_srt_library *library, const char *name);
/* Closes all sockets and ends the library's threads; it stays in memory. */
void ts_srt_library_end(ts_srt_library *library);

#endif
