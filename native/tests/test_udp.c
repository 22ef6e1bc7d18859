#include "tsloom/packet.h"
#include "tsloom/udp.h"
#include "tsloom/udp_paced.h"

#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = TS_UDP_BATCH * TS_UDP_PKT_SIZE, SENT_MAX = 1 << 20 };

#define SECOND INT64_C(1000000000)

static ts_udp_receiver receiver;
static ts_udp_sender sender;
static uint8_t buffer[ROOM];
static uint8_t sent[SENT_MAX];
static uint8_t received[SENT_MAX];

static uint16_t open_receiver_that_gathers(int64_t gather_ns) {
    ts_udp_receiver_config config;
    ts_udp_address local;
    ts_udp_step step;
    memset(&config, 0, sizeof config);
    CHECK(ts_udp_address_set(&config.local, "127.0.0.1", 0, 0) == TS_OK);
    config.rcvbuf_bytes = 4 << 20;
    config.gather_ns = gather_ns;
    CHECK(ts_udp_receiver_open(&receiver, &config, &step) == 0);
    CHECK(ts_udp_receiver_get_local(&receiver, &local) == 0);
    return ts_udp_address_get_port(&local);
}

static uint16_t open_receiver(void) {
    return open_receiver_that_gathers(0);
}

static void open_sender(uint16_t port, bool drop_null) {
    ts_udp_sender_config config;
    ts_udp_step step;
    memset(&config, 0, sizeof config);
    CHECK(ts_udp_address_set(&config.remote, "127.0.0.1", port, 0) == TS_OK);
    config.ttl = config.tos = config.loop = -1;
    config.pkt_size = TS_UDP_PKT_SIZE;
    config.drop_null = drop_null;
    CHECK(ts_udp_sender_open(&sender, &config, &step) == 0);
}

static size_t receive_all(void) {
    size_t end = 0;
    size_t size;
    do {
        CHECK(ts_udp_receive(&receiver, buffer, sizeof buffer, 0, &size) == 0);
        memcpy(received + end, buffer, size);
        end += size;
        size_t listed = 0;
        for (unsigned n = 0; n < receiver.datagram_count; n++) {
            CHECK(receiver.datagrams[n].offset == listed);
            listed += receiver.datagrams[n].size;
        }
        CHECK(listed == size);
    } while (size != 0);
    return end;
}

static void fill(uint8_t *bytes, size_t size, uint32_t seed) {
    for (size_t n = 0; n < size; n++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[n] = (uint8_t)(seed >> 24);
    }
}

static void make_packets(size_t count, size_t null_every) {
    fill(sent, count * TS_PACKET_SIZE, 1);
    for (size_t n = 0; n < count; n++) {
        bool null = null_every && n % null_every == 0;
        ts_store_be32(sent + n * TS_PACKET_SIZE, null ? 0x471FFF10u : 0x47010010u);
    }
}

/* Sizes that run ahead of the slots, fall back, and leave some for the next call. */
static void datagrams_of_all_sizes_arrive_whole_and_in_order(void) {
    const size_t sizes[] = {1316, 188, 9000, 1, 65507, 1316, 1316, 2000, 40000, 30000, 7};
    uint16_t port = open_receiver();
    size_t total = 0;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    ts_udp_address remote;
    CHECK(ts_udp_address_set(&remote, "127.0.0.1", port, 0) == TS_OK);
    for (size_t round = 0; round < 4; round++) {
        total = 0;
        for (size_t n = 0; n < sizeof sizes / sizeof *sizes; n++) {
            size_t size = sizes[(n + round) % (sizeof sizes / sizeof *sizes)];
            fill(sent + total, size, (uint32_t)n);
            CHECK(sendto(fd, sent + total, size, 0, &remote.any, sizeof remote.v4) ==
                  (ssize_t)size);
            total += size;
        }
        CHECK(receive_all() == total);
        CHECK(memcmp(sent, received, total) == 0);
    }
    (void)close(fd);
    ts_udp_receiver_close(&receiver);
    ts_udp_receiver_close(&receiver);
}

static void what_is_sent_in_pieces_arrives_in_full_datagrams(void) {
    uint16_t port = open_receiver();
    open_sender(port, false);
    make_packets(1000, 0);
    size_t start = 0;
    for (size_t count = 1; start < 1000; count = count * 5 % 37 + 1) {
        size_t taken;
        count = count < 1000 - start ? count : 1000 - start;
        CHECK(ts_udp_send(&sender, sent + start * TS_PACKET_SIZE, count * TS_PACKET_SIZE, &taken) ==
              0);
        CHECK(taken == count * TS_PACKET_SIZE);
        start += count;
    }
    CHECK(sender.counters.datagrams == 142);
    CHECK(ts_udp_sender_flush(&sender) == 0);
    CHECK(receive_all() == 1000 * TS_PACKET_SIZE);
    CHECK(memcmp(sent, received, 1000 * TS_PACKET_SIZE) == 0);
    CHECK(receiver.counters.datagrams == 143);
    CHECK(receiver.counters.odd_datagrams == 0);
    ts_udp_sender_close(&sender);
    ts_udp_receiver_close(&receiver);
}

static void what_the_system_cuts_arrives_as_it_was_sent(void) {
    for (int segments = 0; segments < 2; segments++) {
        uint16_t port = open_receiver();
        open_sender(port, false);
        sender.segments = segments;
        make_packets(997, 0);
        size_t taken;
        CHECK(ts_udp_send(&sender, sent, 3 * TS_PACKET_SIZE, &taken) == 0);
        CHECK(ts_udp_send(&sender, sent + taken, 994 * TS_PACKET_SIZE, &taken) == 0);
        CHECK(ts_udp_sender_flush(&sender) == 0);
        CHECK(receive_all() == 997 * TS_PACKET_SIZE);
        CHECK(memcmp(sent, received, 997 * TS_PACKET_SIZE) == 0);
        CHECK(sender.counters.datagrams == 143 && receiver.counters.datagrams == 143);
        CHECK(sender.counters.bytes == 997 * TS_PACKET_SIZE && sender.segments == segments);
        ts_udp_sender_close(&sender);
        ts_udp_receiver_close(&receiver);
    }
}

/* What the system does not cut it gets one by one. */
static void what_the_system_does_not_cut_is_sent_one_by_one(void) {
    uint16_t port = open_receiver();
    open_sender(port, false);
    sender.segments = true;
    const int on = 1;
    /* Without checksums nothing is cut. */
    CHECK(setsockopt(sender.fd, SOL_SOCKET, SO_NO_CHECK, &on, sizeof on) == 0);
    make_packets(700, 0);
    size_t taken;
    CHECK(ts_udp_send(&sender, sent, 700 * TS_PACKET_SIZE, &taken) == 0);
    CHECK(receive_all() == 700 * TS_PACKET_SIZE);
    CHECK(memcmp(sent, received, 700 * TS_PACKET_SIZE) == 0);
    CHECK(!sender.segments && sender.counters.lost_datagrams == 0);
    ts_udp_sender_close(&sender);
    ts_udp_receiver_close(&receiver);
}

static void null_packets_are_left_out(void) {
    for (size_t null_every = 1; null_every < 20; null_every++) {
        uint16_t port = open_receiver();
        open_sender(port, true);
        make_packets(1000, null_every);
        size_t taken;
        CHECK(ts_udp_send(&sender, sent, 1000 * TS_PACKET_SIZE, &taken) == 0);
        CHECK(ts_udp_sender_flush(&sender) == 0);
        size_t kept = 0;
        size_t size = receive_all();
        for (size_t n = 0; n < 1000; n++) {
            if (n % null_every != 0) {
                CHECK(memcmp(sent + n * TS_PACKET_SIZE, received + kept, TS_PACKET_SIZE) == 0);
                kept += TS_PACKET_SIZE;
            }
        }
        CHECK(size == kept);
        CHECK(sender.counters.null_packets == 1000 - kept / TS_PACKET_SIZE);
        ts_udp_sender_close(&sender);
        ts_udp_receiver_close(&receiver);
    }
}

static void make_clocked_packets(bool with_null) {
    make_packets(1000, with_null ? 3 : 0);
    for (size_t n = 0; n < 1000; n += 50) {
        uint8_t *packet = sent + (n + (with_null ? 2 : 0)) * TS_PACKET_SIZE;
        ts_store_be32(packet, 0x47010020u);
        memset(packet + 4, 0, 8);
        packet[4] = 183;
        packet[5] = 0x10;
        ts_store_be32(packet + 6, (uint32_t)(n * 2)); /* 180 ticks of 90 kHz in 50 packets */
    }
}

/* Slices of 1 ns: the sender returns before each sleep. */
static void send_in_slices(ts_udp_paced *paced) {
    size_t end = 0;
    size_t at = 0;
    for (size_t count = 1; end < 1000 * TS_PACKET_SIZE; count = count * 5 % 97 + 1) {
        end += count * TS_PACKET_SIZE;
        end = end < 1000 * TS_PACKET_SIZE ? end : 1000 * TS_PACKET_SIZE;
        while (at < end) {
            size_t taken;
            CHECK(ts_udp_paced_send(paced, &sender, sent + at, end - at, 1, &taken) == 0);
            at += taken;
        }
    }
    bool done = false;
    while (!done) {
        CHECK(ts_udp_paced_flush(paced, &sender, 1, &done) == 0);
    }
}

static void check_received(size_t size, bool drop_null) {
    size_t kept = 0;
    for (size_t n = 0; n < 1000; n++) {
        const uint8_t *packet = sent + n * TS_PACKET_SIZE;
        if (!drop_null || ts_header_get_pid(ts_load_be32(packet)) != TS_PID_NULL) {
            CHECK(memcmp(packet, received + kept, TS_PACKET_SIZE) == 0);
            kept += TS_PACKET_SIZE;
        }
    }
    CHECK(size == kept);
}

static void a_paced_sender_that_returns_all_the_time_sends_all(bool drop_null, uint64_t bitrate) {
    ts_udp_paced paced;
    uint16_t port = open_receiver();
    open_sender(port, drop_null);
    CHECK(ts_udp_paced_init(&paced, bitrate) == 0);
    make_clocked_packets(drop_null);
    send_in_slices(&paced);
    check_received(receive_all(), drop_null);
    CHECK(paced.pace.fed == 1000);
    CHECK(paced.pace.counters.untimed == 0);
    CHECK(paced.pace.counters.timed == sender.counters.datagrams);
    ts_udp_paced_free(&paced);
    ts_udp_paced_free(&paced);
    ts_udp_sender_close(&sender);
    ts_udp_receiver_close(&receiver);
}

enum { GATHERED = 400 };

static void *send_slowly(void *unused) {
    (void)unused;
    const struct timespec gap = {0, 50000};
    for (size_t n = 0; n < GATHERED; n++) {
        size_t taken;
        ts_udp_send(&sender, sent + n * TS_UDP_PKT_SIZE, TS_UDP_PKT_SIZE, &taken);
        ts_udp_sender_flush(&sender);
        nanosleep(&gap, NULL);
    }
    return NULL;
}

static void datagrams_close_to_each_other_are_taken_together(void) {
    pthread_t thread;
    size_t calls = 0;
    size_t end = 0;
    open_sender(open_receiver_that_gathers(5000000), false);
    make_packets(GATHERED * 7, 0);
    CHECK(pthread_create(&thread, NULL, send_slowly, NULL) == 0);
    while (end < GATHERED * TS_UDP_PKT_SIZE) {
        size_t size;
        CHECK(ts_udp_receive(&receiver, buffer, sizeof buffer, 10 * SECOND, &size) == 0);
        if (size == 0) {
            break;
        }
        memcpy(received + end, buffer, size);
        end += size;
        calls++;
    }
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(end == GATHERED * TS_UDP_PKT_SIZE);
    CHECK(memcmp(received, sent, end) == 0);
    CHECK(calls < GATHERED / 4);
    ts_udp_sender_close(&sender);
    ts_udp_receiver_close(&receiver);
}

static void closed_sockets_say_so(void) {
    size_t size;
    bool done;
    ts_udp_paced paced;
    CHECK(ts_udp_receive(&receiver, buffer, sizeof buffer, 0, &size) == EBADF);
    CHECK(ts_udp_send(&sender, sent, TS_PACKET_SIZE, &size) == EBADF);
    CHECK(ts_udp_sender_flush(&sender) == EBADF);
    CHECK(ts_udp_paced_init(&paced, 0) == 0);
    CHECK(ts_udp_paced_send(&paced, &sender, sent, TS_PACKET_SIZE, SECOND, &size) == EBADF);
    CHECK(ts_udp_paced_flush(&paced, &sender, SECOND, &done) == EBADF);
    ts_udp_paced_free(&paced);
}

static void addresses_are_read_and_written(void) {
    const char *texts[] = {"127.0.0.1", "239.1.2.3", "::1", "ff3e::8000:1"};
    for (size_t n = 0; n < sizeof texts / sizeof *texts; n++) {
        ts_udp_address address;
        char text[INET6_ADDRSTRLEN];
        CHECK(ts_udp_address_set(&address, texts[n], 1234, 0) == TS_OK);
        ts_udp_address_get_text(&address, text);
        CHECK(strcmp(text, texts[n]) == 0);
        CHECK(ts_udp_address_get_port(&address) == 1234);
        CHECK(ts_udp_address_is_multicast(&address) == (n % 2 == 1));
    }
    ts_udp_address address;
    CHECK(ts_udp_address_set(&address, "localhost", 1, 0) == TS_BAD_SYNTAX);
    CHECK(!ts_udp_address_is_multicast(&address));
    unsigned interface;
    CHECK(ts_udp_address_set(&address, "127.0.0.1", 0, 0) == TS_OK);
    CHECK(ts_udp_find_interface(&address, &interface) == 0 && interface != 0);
    CHECK(ts_udp_address_set(&address, "192.0.2.1", 0, 0) == TS_OK);
    CHECK(ts_udp_find_interface(&address, &interface) == ENODEV && interface == 0);
}

int main(void) {
    addresses_are_read_and_written();
    datagrams_of_all_sizes_arrive_whole_and_in_order();
    what_is_sent_in_pieces_arrives_in_full_datagrams();
    what_the_system_cuts_arrives_as_it_was_sent();
    what_the_system_does_not_cut_is_sent_one_by_one();
    null_packets_are_left_out();
    a_paced_sender_that_returns_all_the_time_sends_all(false, 0);
    a_paced_sender_that_returns_all_the_time_sends_all(true, 0);
    a_paced_sender_that_returns_all_the_time_sends_all(false, 50000000);
    a_paced_sender_that_returns_all_the_time_sends_all(true, 50000000);
    datagrams_close_to_each_other_are_taken_together();
    closed_sockets_say_so();
    return CHECK_RESULT;
}
