#include "tsloom/udp.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif
#ifndef IPV6_MULTICAST_ALL
#define IPV6_MULTICAST_ALL 29
#endif

static int set_option(int fd, int level, int name, int value) {
    return setsockopt(fd, level, name, &value, sizeof value) == 0 ? 0 : errno;
}

/* Link-local IPv6 addresses and groups mean something on an interface only. */
static void scope_address(ts_udp_address *address, unsigned interface) {
    if (address->any.sa_family == AF_INET6 && interface) {
        address->v6.sin6_scope_id = interface;
    }
}

static int open_socket(const ts_udp_address *address, int *fd) {
    *fd = socket(address->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
    return *fd >= 0 ? 0 : errno;
}

/* Asks for a buffer, beyond the system's limit where that is allowed, and reads back what it gave:
 * the kernel doubles what is asked for, to have room for its own book-keeping. */
static int size_buffer(int fd, int force_name, int name, int asked, int *given) {
    if (asked > 0 && set_option(fd, SOL_SOCKET, force_name, asked) != 0) {
        (void)set_option(fd, SOL_SOCKET, name, asked);
    }
    socklen_t size = sizeof *given;
    if (getsockopt(fd, SOL_SOCKET, name, given, &size) != 0) {
        return errno;
    }
    *given /= 2;
    return 0;
}

/* RFC 3678's calls take an interface index for IPv4 as for IPv6, with and without a source. */
static int join_group(int fd, const ts_udp_receiver_config *config) {
    int level = config->local.any.sa_family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
    socklen_t size = ts_udp_address_get_size(&config->local);
    int result;
    if (config->source.any.sa_family != AF_UNSPEC) {
        struct group_source_req request;
        memset(&request, 0, sizeof request);
        request.gsr_interface = config->interface;
        memcpy(&request.gsr_group, &config->local, size);
        memcpy(&request.gsr_source, &config->source, size);
        result = setsockopt(fd, level, MCAST_JOIN_SOURCE_GROUP, &request, sizeof request);
    } else {
        struct group_req request;
        memset(&request, 0, sizeof request);
        request.gr_interface = config->interface;
        memcpy(&request.gr_group, &config->local, size);
        result = setsockopt(fd, level, MCAST_JOIN_GROUP, &request, sizeof request);
    }
    return result == 0 ? 0 : errno;
}

static int set_receiver_options(int fd, const ts_udp_receiver_config *config, int *rcvbuf_bytes) {
    bool v6 = config->local.any.sa_family == AF_INET6;
    int error = 0;
    if (v6) {
        error = set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, !config->dual_stack);
    }
    if (!error && config->reuse) {
        error = set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    }
    if (!error) {
        error = size_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, config->rcvbuf_bytes, rcvbuf_bytes);
    }
    if (!error) {
        error = set_option(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
    }
    if (!error) {
        error = set_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    }
    if (!error && ts_udp_address_is_multicast(&config->local)) {
        /* Otherwise the socket also gets what other sockets of this machine have joined. Kernels
         * that do not know the IPv6 option (before 4.20) are left as they are. */
        if (v6) {
            (void)set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
        } else {
            error = set_option(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
        }
    }
    return error;
}

static int bind_receiver(int fd, const ts_udp_receiver_config *config, ts_udp_step *step) {
    bool multicast = ts_udp_address_is_multicast(&config->local);
    ts_udp_address local = config->local;
    int error = 0;
    if (config->interface && !multicast) {
        *step = TS_UDP_INTERFACE;
        error = set_option(fd, SOL_SOCKET, SO_BINDTOIFINDEX, (int)config->interface);
    }
    scope_address(&local, config->interface);
    if (!error) {
        *step = TS_UDP_BIND;
        error = bind(fd, &local.any, ts_udp_address_get_size(&local)) == 0 ? 0 : errno;
    }
    if (!error && multicast) {
        *step = TS_UDP_JOIN;
        error = join_group(fd, config);
    }
    return error;
}

int ts_udp_receiver_open(ts_udp_receiver *receiver, const ts_udp_receiver_config *config,
                         ts_udp_step *step) {
    memset(receiver, 0, sizeof *receiver);
    receiver->timeout_ns = -1;
    receiver->slot_bytes = TS_UDP_PKT_SIZE;
    *step = TS_UDP_SOCKET;
    int error = open_socket(&config->local, &receiver->fd);
    if (error) {
        return error;
    }
    /* Only pages that are used take memory: with datagrams of one size, none. */
    size_t room = 2u * TS_UDP_BATCH * (size_t)TS_UDP_DATAGRAM_MAX;
    void *mapping = mmap(NULL, room, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED) {
        error = errno;
    } else {
        receiver->overflow = mapping;
        receiver->pending = receiver->overflow + room / 2;
        *step = TS_UDP_OPTION;
        receiver->gather_ns = config->gather_ns;
        error = set_receiver_options(receiver->fd, config, &receiver->rcvbuf_bytes);
    }
    if (!error) {
        error = bind_receiver(receiver->fd, config, step);
    }
    if (error) {
        ts_udp_receiver_close(receiver);
    }
    return error;
}

void ts_udp_receiver_close(ts_udp_receiver *receiver) {
    if (receiver->fd >= 0) {
        (void)close(receiver->fd);
        receiver->fd = -1;
    }
    if (receiver->overflow) {
        (void)munmap(receiver->overflow, 2u * TS_UDP_BATCH * (size_t)TS_UDP_DATAGRAM_MAX);
        receiver->overflow = NULL;
        receiver->pending = NULL;
        receiver->pending_count = 0;
    }
}

int ts_udp_receiver_get_local(const ts_udp_receiver *receiver, ts_udp_address *local) {
    socklen_t size = sizeof *local;
    memset(local, 0, sizeof *local);
    return getsockname(receiver->fd, &local->any, &size) == 0 ? 0 : errno;
}

static int set_multicast_options(int fd, const ts_udp_sender_config *config) {
    bool v6 = config->remote.any.sa_family == AF_INET6;
    int level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
    int error = 0;
    if (config->ttl >= 0) {
        error = set_option(fd, level, v6 ? IPV6_MULTICAST_HOPS : IP_MULTICAST_TTL, config->ttl);
    }
    if (!error && config->loop >= 0) {
        error = set_option(fd, level, v6 ? IPV6_MULTICAST_LOOP : IP_MULTICAST_LOOP, config->loop);
    }
    if (!error && config->interface && v6) {
        error = set_option(fd, level, IPV6_MULTICAST_IF, (int)config->interface);
    } else if (!error && config->interface) {
        struct ip_mreqn request;
        memset(&request, 0, sizeof request);
        request.imr_ifindex = (int)config->interface;
        error = setsockopt(fd, level, IP_MULTICAST_IF, &request, sizeof request) == 0 ? 0 : errno;
    }
    return error;
}

static int set_unicast_options(int fd, const ts_udp_sender_config *config) {
    bool v6 = config->remote.any.sa_family == AF_INET6;
    int error = 0;
    if (config->ttl >= 0) {
        error = set_option(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_UNICAST_HOPS : IP_TTL,
                           config->ttl);
    }
    if (!error && config->interface) {
        error = set_option(fd, SOL_SOCKET, SO_BINDTOIFINDEX, (int)config->interface);
    }
    return error;
}

static int set_sender_options(int fd, const ts_udp_sender_config *config, int *sndbuf_bytes) {
    bool v6 = config->remote.any.sa_family == AF_INET6;
    int error = ts_udp_address_is_multicast(&config->remote) ? set_multicast_options(fd, config)
                                                             : set_unicast_options(fd, config);
    if (!error && config->tos >= 0) {
        error =
            set_option(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_TCLASS : IP_TOS, config->tos);
    }
    if (!error) {
        error = size_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, config->sndbuf_bytes, sndbuf_bytes);
    }
    return error;
}

int ts_udp_sender_open(ts_udp_sender *sender, const ts_udp_sender_config *config,
                       ts_udp_step *step) {
    memset(sender, 0, sizeof *sender);
    sender->pkt_size = config->pkt_size;
    sender->drop_null = config->drop_null;
    sender->segments = config->segments;
    *step = TS_UDP_SOCKET;
    int error = open_socket(&config->remote, &sender->fd);
    if (!error) {
        *step = TS_UDP_OPTION;
        error = set_sender_options(sender->fd, config, &sender->sndbuf_bytes);
    }
    if (!error && config->local.any.sa_family != AF_UNSPEC) {
        *step = TS_UDP_BIND;
        const struct sockaddr *local = &config->local.any;
        error = bind(sender->fd, local, ts_udp_address_get_size(&config->local)) == 0 ? 0 : errno;
    }
    if (!error) {
        *step = TS_UDP_CONNECT;
        ts_udp_address remote = config->remote;
        scope_address(&remote, config->interface);
        socklen_t size = ts_udp_address_get_size(&remote);
        error = connect(sender->fd, &remote.any, size) == 0 ? 0 : errno;
    }
    if (error) {
        ts_udp_sender_close(sender);
    }
    return error;
}

void ts_udp_sender_init(ts_udp_sender *sender, uint32_t pkt_size, ts_udp_transport *transport,
                        void *context) {
    memset(sender, 0, sizeof *sender);
    sender->fd = -1;
    sender->pkt_size = pkt_size;
    sender->transport = transport;
    sender->transport_context = context;
}

bool ts_udp_sender_is_open(const ts_udp_sender *sender) {
    return sender->fd >= 0 || sender->transport;
}

void ts_udp_sender_close(ts_udp_sender *sender) {
    sender->transport = NULL;
    if (sender->fd >= 0) {
        (void)close(sender->fd);
        sender->fd = -1;
    }
}
