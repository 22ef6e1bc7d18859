#include "tsloom/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

ts_status ts_udp_address_set(ts_udp_address *address, const char *text, uint16_t port,
                             uint32_t scope_id) {
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons(port);
        return TS_OK;
    }
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons(port);
        address->v6.sin6_scope_id = scope_id;
        return TS_OK;
    }
    memset(address, 0, sizeof *address);
    return TS_BAD_SYNTAX;
}

void ts_udp_address_get_text(const ts_udp_address *address, char *text) {
    const void *number = address->any.sa_family == AF_INET6 ? (const void *)&address->v6.sin6_addr
                                                            : (const void *)&address->v4.sin_addr;
    if (!inet_ntop(address->any.sa_family, number, text, INET6_ADDRSTRLEN)) {
        text[0] = '\0';
    }
}

uint16_t ts_udp_address_get_port(const ts_udp_address *address) {
    return ntohs(address->any.sa_family == AF_INET6 ? address->v6.sin6_port : address->v4.sin_port);
}

bool ts_udp_address_is_multicast(const ts_udp_address *address) {
    if (address->any.sa_family == AF_INET6) {
        return IN6_IS_ADDR_MULTICAST(&address->v6.sin6_addr);
    }
    return address->any.sa_family == AF_INET && IN_MULTICAST(ntohl(address->v4.sin_addr.s_addr));
}

socklen_t ts_udp_address_get_size(const ts_udp_address *address) {
    return address->any.sa_family == AF_INET6 ? sizeof address->v6 : sizeof address->v4;
}

static bool has_same_host(const ts_udp_address *address, const struct sockaddr *other) {
    if (!other || other->sa_family != address->any.sa_family) {
        return false;
    }
    if (other->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, other, sizeof v4);
        return v4.sin_addr.s_addr == address->v4.sin_addr.s_addr;
    }
    struct sockaddr_in6 v6;
    memcpy(&v6, other, sizeof v6);
    return memcmp(&v6.sin6_addr, &address->v6.sin6_addr, sizeof v6.sin6_addr) == 0;
}

int ts_udp_find_interface(const ts_udp_address *address, unsigned *index) {
    struct ifaddrs *all;
    *index = 0;
    if (getifaddrs(&all) != 0) {
        return errno;
    }
    for (const struct ifaddrs *one = all; one && !*index; one = one->ifa_next) {
        if (has_same_host(address, one->ifa_addr)) {
            *index = if_nametoindex(one->ifa_name);
        }
    }
    freeifaddrs(all);
    return *index ? 0 : ENODEV;
}
