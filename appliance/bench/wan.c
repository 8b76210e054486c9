/*
 * A long path between two networks on one machine: packets of the kernel's own TCP, delivered later.
 *
 *   wan -d MS [-r MB/s] [-q BYTES]
 *
 * -d  delay of one direction, in milliseconds: the round trip is twice that
 * -r  what one direction carries, in MB (10^6 bytes) a second; unlimited without it
 * -q  what waits for the link in front of it, in bytes; more is dropped. Default: what the link carries in one round trip,
 *     at least 256 KiB
 *
 * Two threads, and each makes a network namespace of its own with one tun device in it: 10.77.0.1 (near) and 10.77.0.2
 * (far). A thread takes what its network sends, keeps it for the delay and gives it to the other one. The first line on
 * stdout names the two threads; programs enter their networks through /proc/PID/task/TID/ns/net. The namespaces have no
 * name and no file: they are gone with the last process in them, whatever it died of, and this program dies with the one
 * that started it. SIGTERM prints what was carried, one line a direction.
 *
 * Large packets stay whole (the tun devices take segments of up to 64 KiB), as between two VMs of one host; the rate
 * counts the headers that the wire would see.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MTU = 1500, PACKET_MAX = 64 * 1024 + 256, NANOS_PER_MS = 1000000, QUEUE_MIN = 256 * 1024, BURST = 32 };

/* What one direction can hold at a time, in flight and queued together. */
static const uint64_t PIPE_BYTES = 512ull << 20;

/* A packet in the pipe; its bytes follow. Never wraps around the pipe's end. */
struct packet {
    uint64_t due;
    uint32_t length;
    uint32_t skip; /* to the pipe's start: nothing behind this one fitted */
};

struct side {
    const char *name, *address, *peer;
    struct side *other;
    int tun;
    pid_t thread;
    unsigned char *pipe;
    uint64_t head, tail; /* positions in the pipe, ever growing */
    uint64_t link_free;  /* when the link has sent what waits for it */
    uint64_t packets, bytes, dropped;
};

static struct side near = {.name = "near", .address = "10.77.0.1", .peer = "10.77.0.2"};
static struct side far = {.name = "far", .address = "10.77.0.2", .peer = "10.77.0.1"};
static uint64_t delay_nanos, queue_nanos;
static double nanos_per_byte;
static volatile sig_atomic_t stopping;
static pthread_barrier_t ready;

static void fail(const char *what) {
    fprintf(stderr, "wan: %s: %s\n", what, strerror(errno));
    _exit(1);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000ull + (uint64_t)time.tv_nsec;
}

static void bring_up(int control, const char *device) {
    struct ifreq request = {0};
    strncpy(request.ifr_name, device, IFNAMSIZ - 1);
    if (ioctl(control, SIOCGIFFLAGS, &request)) fail("SIOCGIFFLAGS");
    request.ifr_flags |= IFF_UP | IFF_RUNNING;
    if (ioctl(control, SIOCSIFFLAGS, &request)) fail("SIOCSIFFLAGS");
}

static void set_address(int control, unsigned long what, const char *address) {
    struct ifreq request = {0};
    struct sockaddr_in *to = (struct sockaddr_in *)&request.ifr_addr;
    strcpy(request.ifr_name, "wan0");
    to->sin_family = AF_INET;
    inet_pton(AF_INET, address, &to->sin_addr);
    if (ioctl(control, what, &request)) fail(address);
}

static void set_number(int control, unsigned long what, int number) {
    struct ifreq request = {0};
    strcpy(request.ifr_name, "wan0");
    if (what == SIOCSIFMTU) request.ifr_mtu = number;
    else request.ifr_qlen = number;
    if (ioctl(control, what, &request)) fail("tun device");
}

/* A network namespace for the calling thread, with the tun device and the loopback device in it. */
static void make_network(struct side *side) {
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR};
    int control;
    if (unshare(CLONE_NEWNET)) fail("a network namespace (are you root?)");
    side->tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (side->tun < 0) fail("/dev/net/tun");
    strcpy(request.ifr_name, "wan0");
    if (ioctl(side->tun, TUNSETIFF, &request)) fail("TUNSETIFF");
    if (ioctl(side->tun, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4)) fail("TUNSETOFFLOAD");
    control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (control < 0) fail("socket");
    set_number(control, SIOCSIFMTU, MTU);
    set_number(control, SIOCSIFTXQLEN, 10000);
    set_address(control, SIOCSIFADDR, side->address);
    set_address(control, SIOCSIFDSTADDR, side->peer);
    bring_up(control, "lo");
    bring_up(control, "wan0");
    close(control);
}

/* What the link carries for a packet: its headers go with each segment that is made of it. */
static uint64_t wire_bytes(const unsigned char *packet, uint32_t length) {
    struct virtio_net_hdr header;
    uint64_t bytes = length - sizeof header, segments;
    memcpy(&header, packet, sizeof header);
    if (header.gso_type == VIRTIO_NET_HDR_GSO_NONE || header.gso_size == 0 || bytes <= header.hdr_len) return bytes;
    segments = (bytes - header.hdr_len + header.gso_size - 1) / header.gso_size;
    return bytes + (segments - 1) * header.hdr_len;
}

static struct packet *at(struct side *side, uint64_t position) {
    return (struct packet *)(side->pipe + position % PIPE_BYTES);
}

/* Where the next packet of the largest size may be put; NULL when the pipe is full. */
static struct packet *room(struct side *side) {
    uint64_t most = sizeof(struct packet) + PACKET_MAX, to_end = PIPE_BYTES - side->tail % PIPE_BYTES;
    uint64_t wanted = to_end < most ? to_end + most : most;
    if (side->tail + wanted - side->head > PIPE_BYTES) return NULL;
    if (to_end < most) {
        struct packet *mark = at(side, side->tail);
        if (to_end >= sizeof *mark) mark->skip = 1;
        side->tail += to_end;
    }
    return at(side, side->tail);
}

/* When the link has sent a packet that comes now; false when its queue is full. */
static int pass_link(struct side *side, uint64_t bytes, uint64_t time, uint64_t *sent) {
    *sent = time;
    if (nanos_per_byte == 0) return 1;
    if (side->link_free < time) side->link_free = time;
    if (side->link_free - time > queue_nanos) return 0;
    side->link_free += (uint64_t)((double)bytes * nanos_per_byte);
    *sent = side->link_free;
    return 1;
}

/* Takes a packet from the network, if it has sent one. */
static int take(struct side *side) {
    static __thread unsigned char lost[PACKET_MAX];
    struct packet *packet = room(side);
    unsigned char *into = packet ? (unsigned char *)(packet + 1) : lost;
    ssize_t length = read(side->tun, into, PACKET_MAX);
    uint64_t sent;
    if (length <= (ssize_t)sizeof(struct virtio_net_hdr)) return 0;
    side->packets++;
    side->bytes += (uint64_t)length;
    if (!packet || !pass_link(side, wire_bytes(into, (uint32_t)length), now(), &sent)) {
        side->dropped++;
        return 1;
    }
    packet->due = sent + delay_nanos;
    packet->length = (uint32_t)length;
    packet->skip = 0;
    side->tail += (sizeof *packet + (uint64_t)length + 15) & ~15ull;
    return 1;
}

/* The oldest packet in the pipe; NULL when there is none. */
static struct packet *oldest(struct side *side) {
    uint64_t to_end = PIPE_BYTES - side->head % PIPE_BYTES;
    if (side->head == side->tail) return NULL;
    if (to_end < sizeof(struct packet) || at(side, side->head)->skip) side->head += to_end;
    return side->head == side->tail ? NULL : at(side, side->head);
}

/* Gives the other network what is due; how long until the next is, at most `longest`. */
static uint64_t deliver(struct side *side, uint64_t longest) {
    struct packet *packet;
    uint64_t time = now();
    while ((packet = oldest(side))) {
        if (packet->due > time) return packet->due - time < longest ? packet->due - time : longest;
        if (write(side->other->tun, packet + 1, packet->length) < 0) side->dropped++;
        side->head += (sizeof *packet + packet->length + 15) & ~15ull;
    }
    return longest;
}

static void *carry(void *argument) {
    struct side *side = argument;
    make_network(side);
    side->pipe = mmap(NULL, PIPE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (side->pipe == MAP_FAILED) fail("memory");
    side->thread = (pid_t)syscall(SYS_gettid);
    prctl(PR_SET_TIMERSLACK, 1);
    pthread_barrier_wait(&ready);
    while (!stopping) {
        uint64_t wait = deliver(side, 100 * NANOS_PER_MS);
        struct timespec timeout = {0, (long)wait};
        struct pollfd sent = {side->tun, POLLIN, 0};
        ppoll(&sent, 1, &timeout, NULL);
        for (int i = 0; i < BURST && take(side); i++) {
        }
    }
    return NULL;
}

static void stop(int signal) {
    (void)signal;
    stopping = 1;
}

static void report(const struct side *side) {
    printf("from-%s packets=%llu bytes=%llu dropped=%llu\n", side->name, (unsigned long long)side->packets,
           (unsigned long long)side->bytes, (unsigned long long)side->dropped);
}

int main(int count, char **arguments) {
    double delay_ms = 0, rate = 0, queue = 0;
    struct sigaction action = {.sa_handler = stop};
    pthread_t threads[2];
    int option;
    while ((option = getopt(count, arguments, "d:r:q:")) != -1) {
        if (option == 'd') delay_ms = atof(optarg);
        else if (option == 'r') rate = atof(optarg);
        else if (option == 'q') queue = atof(optarg);
        else return 2;
    }
    delay_nanos = (uint64_t)(delay_ms * NANOS_PER_MS);
    if (rate > 0) {
        nanos_per_byte = 1e3 / rate;
        if (queue == 0) queue = 2 * delay_ms / 1e3 * rate * 1e6;
        if (queue < QUEUE_MIN) queue = QUEUE_MIN;
        queue_nanos = (uint64_t)(queue * nanos_per_byte);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    near.other = &far;
    far.other = &near;
    pthread_barrier_init(&ready, NULL, 3);
    pthread_create(&threads[0], NULL, carry, &near);
    pthread_create(&threads[1], NULL, carry, &far);
    pthread_barrier_wait(&ready);
    printf("near=%d far=%d\n", near.thread, far.thread);
    fflush(stdout);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    report(&near);
    report(&far);
    return 0;
}
