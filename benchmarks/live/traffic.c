/* What the live benchmarks stand on: a sender that keeps its rate, a receiver that counts, and the
 * barest relay there is, which is the limit of all others.
 *
 *   traffic send FILE PORT BITRATE SECONDS    the file's packets, over and over, 7 in a datagram
 *   traffic receive PORT                      until SIGTERM
 *   traffic send-many FILE PORT COUNT BITRATE SECONDS    the same to COUNT ports, at BITRATE each
 *   traffic receive-many PORT COUNT           from COUNT ports
 *   traffic relay PORT PORT                   until SIGTERM: recvmmsg, sendmmsg, nothing between
 *
 * Each prints the bytes that it sent or received. A null packet carries the time at which it was to
 * leave; the receiver also prints the median and the 99th percentile of their delays in us, and how
 * many bytes came to the port that got fewest. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DATAGRAM = 7 * 188, BATCH = 64, ROOM = 2048, BUFFER = 64 << 20 };

#define SLICE_NS 50000
#define SLICE_MANY_NS 500000

static volatile sig_atomic_t stopped;

static void stop(int number) {
    (void)number;
    stopped = 1;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static struct sockaddr_in localhost(const char *port) {
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(port)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int open_receiver(const char *port) {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    const struct sockaddr_in address = localhost(port);
    const int size = BUFFER;
    const struct timeval patience = {.tv_usec = 100000};
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        fail("bind");
    }
    return fd;
}

static int open_sender(const char *port) {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    const struct sockaddr_in address = localhost(port);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        fail("connect");
    }
    return fd;
}

typedef struct batch {
    struct mmsghdr messages[BATCH];
    struct iovec parts[BATCH];
    uint8_t bytes[BATCH][ROOM];
} batch;

static batch *make_batch(void) {
    batch *made = calloc(1, sizeof *made);
    for (size_t i = 0; i < BATCH; i++) {
        made->parts[i] = (struct iovec){made->bytes[i], ROOM};
        made->messages[i].msg_hdr.msg_iov = &made->parts[i];
        made->messages[i].msg_hdr.msg_iovlen = 1;
    }
    return made;
}

static unsigned send_all(int fd, struct mmsghdr *messages, unsigned count) {
    unsigned sent = 0;
    while (sent < count) {
        const int done = sendmmsg(fd, messages + sent, count - sent, 0);
        if (done < 0 && errno != EINTR && errno != ECONNREFUSED) {
            fail("sendmmsg");
        }
        sent += done > 0 ? (unsigned)done : 0;
    }
    return sent;
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static const uint8_t null_header[] = {0x47, 0x1F, 0xFF};
static const uint8_t mark[] = "tsloom delay";
enum { MARK_AT = 8, TIME_AT = MARK_AT + sizeof mark };

static void stamp(uint8_t *datagram, uint64_t time) {
    for (size_t at = 0; at < DATAGRAM; at += 188) {
        if (memcmp(datagram + at, null_header, sizeof null_header) == 0) {
            memcpy(datagram + at + MARK_AT, mark, sizeof mark);
            memcpy(datagram + at + TIME_AT, &time, sizeof time);
        }
    }
}

/* How often a delay was so many microseconds, the longest together. */
static uint32_t delays[1 << 20];

static void note_delays(const uint8_t *datagram, size_t size, uint64_t now) {
    for (size_t at = 0; at + 188 <= size; at += 188) {
        const uint8_t *packet = datagram + at;
        uint64_t time;
        if (memcmp(packet, null_header, sizeof null_header) != 0 ||
            memcmp(packet + MARK_AT, mark, sizeof mark) != 0) {
            continue;
        }
        memcpy(&time, packet + TIME_AT, sizeof time);
        const uint64_t delay = now > time ? (now - time) / 1000 : 0;
        const size_t last = sizeof delays / sizeof *delays - 1;
        delays[delay < last ? delay : last]++;
    }
}

static size_t find_delay(double share) {
    uint64_t all = 0;
    uint64_t passed = 0;
    size_t at = 0;
    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
        all += delays[i];
    }
    while (passed + delays[at] < (uint64_t)((double)all * share)) {
        passed += delays[at++];
    }
    return at;
}

static uint64_t take(int fd, batch *in, int flags) {
    const int count = recvmmsg(fd, in->messages, BATCH, flags, NULL);
    const uint64_t now = now_ns();
    uint64_t bytes = 0;
    for (int i = 0; i < count; i++) {
        bytes += in->messages[i].msg_len;
        note_delays(in->bytes[i], in->messages[i].msg_len, now);
    }
    return bytes;
}

static int report(uint64_t bytes, uint64_t fewest) {
    printf("%llu %zu %zu %llu\n", (unsigned long long)bytes, find_delay(0.5), find_delay(0.99),
           (unsigned long long)fewest);
    return 0;
}

static int receive(const char *port) {
    const int fd = open_receiver(port);
    batch *in = make_batch();
    uint64_t bytes = 0;
    while (!stopped) {
        bytes += take(fd, in, MSG_WAITFORONE);
    }
    return report(bytes, bytes);
}

static int receive_many(int port, int count) {
    struct pollfd *sockets = calloc((size_t)count, sizeof *sockets);
    uint64_t *bytes = calloc((size_t)count, sizeof *bytes);
    batch *in = make_batch();
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", port + i);
        sockets[i] = (struct pollfd){.fd = open_receiver(name), .events = POLLIN};
    }
    while (!stopped) {
        poll(sockets, (nfds_t)count, 100);
        for (int i = 0; i < count; i++) {
            bytes[i] += sockets[i].revents ? take(sockets[i].fd, in, MSG_DONTWAIT) : 0;
        }
    }
    uint64_t all = 0;
    uint64_t fewest = UINT64_MAX;
    for (int i = 0; i < count; i++) {
        all += bytes[i];
        fewest = bytes[i] < fewest ? bytes[i] : fewest;
    }
    return report(all, fewest);
}

static int relay(const char *from, const char *to) {
    const int in = open_receiver(from);
    const int out = open_sender(to);
    batch *moved = make_batch();
    while (!stopped) {
        const int count = recvmmsg(in, moved->messages, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < count; i++) {
            moved->parts[i].iov_len = moved->messages[i].msg_len;
        }
        send_all(out, moved->messages, count > 0 ? (unsigned)count : 0);
        for (int i = 0; i < count; i++) {
            moved->parts[i].iov_len = ROOM;
        }
    }
    return 0;
}

static void sleep_until(uint64_t ns) {
    const struct timespec until = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static uint8_t *map_file(const char *path, size_t *size) {
    const int file = open(path, O_RDONLY);
    struct stat facts;
    if (file < 0 || fstat(file, &facts) != 0 || facts.st_size < DATAGRAM) {
        fail(path);
    }
    *size = (size_t)facts.st_size / DATAGRAM * DATAGRAM;
    return mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_POPULATE, file, 0);
}

static int send_file(const char *path, const char *port, double bitrate, double seconds) {
    size_t size;
    uint8_t *bytes = map_file(path, &size);
    const int fd = open_sender(port);
    batch *out = make_batch();
    const uint64_t begun = now_ns();
    const uint64_t wanted = (uint64_t)(bitrate * seconds / 8 / DATAGRAM);
    uint64_t sent = 0;
    for (uint64_t slice = 1; sent < wanted && !stopped; slice++) {
        sleep_until(begun + slice * SLICE_NS);
        uint64_t due = (uint64_t)((double)(slice * SLICE_NS) * bitrate / 8e9 / DATAGRAM);
        due = due < wanted ? due : wanted;
        while (sent < due) {
            unsigned count = 0;
            for (; count < BATCH && sent + count < due; count++) {
                stamp(bytes + (sent + count) * DATAGRAM % size, begun + slice * SLICE_NS);
                out->parts[count] =
                    (struct iovec){bytes + (sent + count) * DATAGRAM % size, DATAGRAM};
            }
            sent += send_all(fd, out->messages, count);
        }
    }
    printf("%llu %.6f\n", (unsigned long long)(sent * DATAGRAM), (double)(now_ns() - begun) / 1e9);
    return 0;
}

/* The ports' datagrams are spread evenly over each datagram's time. */
static int send_many(const char *path, int port, int ports, double bitrate, double seconds) {
    size_t size;
    uint8_t *bytes = map_file(path, &size);
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    const uint64_t begun = now_ns();
    const double gap_ns = DATAGRAM * 8e9 / bitrate / ports;
    const uint64_t wanted = (uint64_t)(seconds * 1e9 / gap_ns) / (uint64_t)ports * (uint64_t)ports;
    uint64_t sent = 0;
    while (sent < wanted && !stopped) {
        const uint64_t now = now_ns() - begun;
        const uint64_t due = (uint64_t)((double)now / gap_ns);
        for (; sent < due && sent < wanted; sent++) {
            char name[16];
            snprintf(name, sizeof name, "%d", port + (int)(sent % (uint64_t)ports));
            const struct sockaddr_in address = localhost(name);
            uint8_t *datagram = bytes + sent / (uint64_t)ports * DATAGRAM % size;
            stamp(datagram, now_ns());
            sendto(fd, datagram, DATAGRAM, 0, (const struct sockaddr *)&address, sizeof address);
        }
        sleep_until(begun + now + SLICE_MANY_NS);
    }
    printf("%llu %.6f\n", (unsigned long long)(sent * DATAGRAM), (double)(now_ns() - begun) / 1e9);
    return 0;
}

int main(int count, char **words) {
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    if (count == 6 && strcmp(words[1], "send") == 0) {
        return send_file(words[2], words[3], atof(words[4]), atof(words[5]));
    }
    if (count == 7 && strcmp(words[1], "send-many") == 0) {
        return send_many(words[2], atoi(words[3]), atoi(words[4]), atof(words[5]), atof(words[6]));
    }
    if (count == 4 && strcmp(words[1], "receive-many") == 0) {
        return receive_many(atoi(words[2]), atoi(words[3]));
    }
    if (count == 3 && strcmp(words[1], "receive") == 0) {
        return receive(words[2]);
    }
    if (count == 4 && strcmp(words[1], "relay") == 0) {
        return relay(words[2], words[3]);
    }
    return 2;
}
