// linkem - a userspace link emulator for Linux: two network namespaces joined by two TUN
// devices, one process moving IP packets between them with delay, rate, queue and faults.
//
//   cc -O2 -Wall -Wextra -o linkem linkem.c      (needs root, /dev/net/tun, iproute2's ip)
//
// Model, per direction:  TUN read -> drop-tail queue -> serialise at RATE -> wire faults
// (outage, loss, corruption, duplication) -> DELAY + jitter / hold-back -> TUN write.
// A packet lost "on the wire" has used its share of the rate; one that finds the queue
// full has not. The queue is virtual: it is the time until which the line is booked.
// RATE counts IP bytes (no framing). Wake-ups are coalesced to one per --quantum.
//
// Any option marked [,x] takes "both" or "a-to-b,b-to-a":
//   --rate M[,M]       Mbit/s, 0 = unlimited (0)      --delay MS[,MS]   one-way delay (0)
//   --queue Q[,Q]      bytes (65536), or "20ms" of line time, or "1bdp" (rate x 2 delays)
//   --queue-min B      lower bound for an ms/bdp queue (65536)
//   --loss P[,P]       % random iid loss              --dup P[,P]       % sent twice
//   --ge p,r,b,g       Gilbert-Elliott, both ways: % good->bad, % bad->good, % lost in bad,
//                      % lost in good (on top of --loss)
//   --corrupt P[,P]    % with one bit flipped in the payload (the kernel's checksum then drops it)
//   --corrupt-deliver  as above, but with the UDP checksum zeroed: the bad bytes reach the program
//   --jitter MS[,MS]   uniform 0..MS extra delay      --keep-order      jitter never reorders
//   --reorder P[,P]    % held back by --hold MS (2)   --outage S,D      all lost from S for D s
//   --ns-a N --ns-b N  namespaces (parley-a, parley-b): created, and deleted at exit, unless they exist
//   --ip-a A --ip-b B  addresses, /24 (10.77.0.1, 10.77.0.2)   --mtu N (1500)   --dev N (lk0)
//   --txq N            packets the TUN holds for us (20000)    --seed N (1)
//   --quantum US       shortest time between wake-ups (50)     --rt PRIO  SCHED_FIFO (0 = off)
//   --seconds N        stop by itself                          --stats FILE  JSON (stdout)
// Prints "ready" on stdout when the link is up; SIGINT/SIGTERM ends it, with statistics.
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
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
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, SLAB = 256, POOL_MAX_BYTES = 1 << 30 };
typedef uint64_t u64;

struct pkt { struct pkt *next; uint32_t len; unsigned char data[]; };
struct ent { u64 due; struct pkt *p; };

// One direction: its settings, its line state, the packets in flight, its counters.
struct dir {
  const char *name;
  int in, out;
  double rate, delay, jitter, loss, dup, corrupt, reorder;  // Mbit/s, ms, %
  char queue[32];
  double qbytes, ns_per_byte;
  u64 line_free, last_due, rng;
  int bad;                                                  // Gilbert-Elliott state
  struct ent *ring; size_t cap, head, count;                // sorted by due
  u64 in_pkts, in_bytes, out_pkts, out_bytes, lost, lost_burst, lost_outage, drop_queue, drop_pool;
  u64 dups, corrupted, held, write_err, max_q, max_inflight, late_ns, late_max, tun_drop;
};

static struct {
  const char *ns[2], *ip[2], *dev, *stats;
  double ge[4], hold, outage[2], seconds, queue_min;
  int ge_on, mtu, txq, keep_order, corrupt_deliver, rt;
  u64 seed, quantum;
} opt = {.ns = {"parley-a", "parley-b"}, .ip = {"10.77.0.1", "10.77.0.2"}, .dev = "lk0", .hold = 2, .mtu = 1500,
         .txq = 20000, .seed = 1, .quantum = 50000, .queue_min = 65536};

static struct dir dirs[2] = {{.name = "a_to_b", .queue = "65536"}, {.name = "b_to_a", .queue = "65536"}};
static int nsfd[2], ns_created[2], home_ns;
static volatile sig_atomic_t stop;
static u64 t_start;
static struct pkt *pool; static size_t pool_bytes;

static void die(const char *fmt, ...) {
  va_list ap; va_start(ap, fmt);
  fprintf(stderr, "linkem: "); vfprintf(stderr, fmt, ap);
  fprintf(stderr, errno ? " (%s)\n" : "\n", strerror(errno));
  for (int i = 0; i < 2; i++)
    if (ns_created[i]) { char c[96]; snprintf(c, sizeof c, "ip netns del %s", opt.ns[i]); if (system(c)) {} }
  exit(1);
}

static u64 now_ns(void) {
  struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t);
  return (u64)t.tv_sec * 1000000000u + t.tv_nsec;
}

// splitmix64; one stream per direction, so what one does never shifts the other's faults.
static u64 rnd(struct dir *d) {
  u64 z = (d->rng += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}
static double unit(struct dir *d) { return (rnd(d) >> 11) * 0x1p-53; }
static int chance(struct dir *d, double percent) { return percent > 0 && unit(d) * 100 < percent; }

// ---- packet pool and in-flight ring ------------------------------------------------------

static struct pkt *pkt_get(void) {
  if (!pool) {
    size_t size = (sizeof(struct pkt) + opt.mtu + 64 + 63) & ~(size_t)63;
    if (pool_bytes + size * SLAB > POOL_MAX_BYTES) return NULL;
    unsigned char *m = mmap(NULL, size * SLAB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (m == MAP_FAILED) return NULL;
    pool_bytes += size * SLAB;
    for (int i = 0; i < SLAB; i++) { struct pkt *p = (void *)(m + i * size); p->next = pool; pool = p; }
  }
  struct pkt *p = pool; pool = p->next;
  return p;
}
static void pkt_put(struct pkt *p) { p->next = pool; pool = p; }

// Inserts by due time from the tail: O(1) unless jitter or hold-back reorders.
static void ring_insert(struct dir *d, u64 due, struct pkt *p) {
  if (d->count == d->cap) {
    size_t cap = d->cap ? d->cap * 2 : 1024;
    struct ent *r = malloc(cap * sizeof *r);
    if (!r) die("out of memory");
    for (size_t i = 0; i < d->count; i++) r[i] = d->ring[(d->head + i) & (d->cap - 1)];
    free(d->ring); d->ring = r; d->cap = cap; d->head = 0;
  }
  size_t mask = d->cap - 1, i = d->count++;
  for (; i > 0 && d->ring[(d->head + i - 1) & mask].due > due; i--)
    d->ring[(d->head + i) & mask] = d->ring[(d->head + i - 1) & mask];
  d->ring[(d->head + i) & mask] = (struct ent){due, p};
  if (d->count > d->max_inflight) d->max_inflight = d->count;
}

// ---- the link ----------------------------------------------------------------------------

static void flip_bit(struct dir *d, struct pkt *p) {
  unsigned ihl = (p->data[0] >> 4) == 4 ? (p->data[0] & 15) * 4u : 40u;
  unsigned from = ihl + (p->data[9] == 17 ? 8 : 20);
  if (from >= p->len) return;
  p->data[from + rnd(d) % (p->len - from)] ^= 1u << (rnd(d) & 7);
  if (opt.corrupt_deliver && (p->data[0] >> 4) == 4 && p->data[9] == 17) p->data[ihl + 6] = p->data[ihl + 7] = 0;
  d->corrupted++;
}

static int burst_lost(struct dir *d) {
  if (!opt.ge_on) return 0;
  if (chance(d, opt.ge[d->bad ? 1 : 0])) d->bad = !d->bad;
  return chance(d, opt.ge[d->bad ? 2 : 3]);
}

static void schedule(struct dir *d, struct pkt *p, u64 sent) {
  double ms = d->delay;
  if (d->jitter > 0) ms += unit(d) * d->jitter;
  if (chance(d, d->reorder)) { ms += opt.hold; d->held++; }
  u64 due = sent + (u64)(ms * 1e6);
  if (opt.keep_order && due < d->last_due) due = d->last_due;
  d->last_due = due;
  ring_insert(d, due, p);
}

static void arrive(struct dir *d, struct pkt *p, u64 now) {
  d->in_pkts++; d->in_bytes += p->len;
  u64 sent = now;
  if (d->ns_per_byte > 0) {
    double backlog = d->line_free > now ? (d->line_free - now) / d->ns_per_byte : 0;
    if (backlog + p->len > d->qbytes) { d->drop_queue++; pkt_put(p); return; }
    if (backlog + p->len > d->max_q) d->max_q = backlog + p->len;
    d->line_free = (d->line_free > now ? d->line_free : now) + (u64)(p->len * d->ns_per_byte);
    sent = d->line_free;
  }
  double age = (now - t_start) / 1e9 - opt.outage[0];
  int out = opt.outage[1] > 0 && age >= 0 && age < opt.outage[1];
  int iid = chance(d, d->loss), burst = burst_lost(d);
  if (out || iid || burst) {
    if (out) d->lost_outage++; else if (iid) d->lost++; else d->lost_burst++;
    pkt_put(p);
    return;
  }
  if (chance(d, d->corrupt)) flip_bit(d, p);
  if (chance(d, d->dup)) {
    struct pkt *q = pkt_get();
    if (q) { q->len = p->len; memcpy(q->data, p->data, p->len); d->dups++; schedule(d, q, sent); }
  }
  schedule(d, p, sent);
}

// Takes up to BATCH packets from the TUN. Returns how many.
static int take(struct dir *d) {
  int n = 0;
  for (; n < BATCH; n++) {
    struct pkt *p = pkt_get();
    if (!p) {
      unsigned char scrap[65536];
      if (read(d->in, scrap, sizeof scrap) <= 0) break;
      d->drop_pool++;
      continue;
    }
    ssize_t len = read(d->in, p->data, opt.mtu + 64);
    if (len <= 0) { pkt_put(p); break; }
    p->len = len;
    arrive(d, p, now_ns());
  }
  return n;
}

// Writes out what is due. Returns how many.
static int give(struct dir *d) {
  int n = 0;
  for (u64 now = now_ns(); d->count && n < 4 * BATCH; n++) {
    struct ent e = d->ring[d->head];
    if (e.due > now && e.due > (now = now_ns())) break;
    d->head = (d->head + 1) & (d->cap - 1); d->count--;
    u64 late = now - e.due;
    d->late_ns += late; if (late > d->late_max) d->late_max = late;
    if (write(d->out, e.p->data, e.p->len) == (ssize_t)e.p->len) { d->out_pkts++; d->out_bytes += e.p->len; }
    else d->write_err++;
    pkt_put(e.p);
  }
  return n;
}

static void run(void) {
  struct pollfd pf[2] = {{.fd = dirs[0].in, .events = POLLIN}, {.fd = dirs[1].in, .events = POLLIN}};
  u64 end = opt.seconds > 0 ? t_start + (u64)(opt.seconds * 1e9) : UINT64_MAX;
  while (!stop) {
    u64 woke = now_ns();
    if (woke >= end) break;
    int work = 0, full = 0;
    for (int i = 0; i < 2; i++) { int n = take(&dirs[i]); work += n; full |= n == BATCH; }
    for (int i = 0; i < 2; i++) { int n = give(&dirs[i]); work += n; full |= n == 4 * BATCH; }
    if (full) continue;
    u64 now = now_ns(), next = end;
    for (int i = 0; i < 2; i++)
      if (dirs[i].count && dirs[i].ring[dirs[i].head].due < next) next = dirs[i].ring[dirs[i].head].due;
    if (work && opt.quantum) {                      // busy: sleep out the quantum, then look again
      u64 until = woke + opt.quantum;
      if (until > now) {
        struct timespec t = {until / 1000000000u, until % 1000000000u};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
      }
      continue;
    }
    u64 wait = next == UINT64_MAX ? 1000000000u : next > now ? next - now : 0;
    struct timespec t = {wait / 1000000000u, wait % 1000000000u};
    ppoll(pf, 2, &t, NULL);
  }
}

// ---- set-up ------------------------------------------------------------------------------

static void shell(const char *fmt, ...) {
  char c[512]; va_list ap; va_start(ap, fmt); vsnprintf(c, sizeof c, fmt, ap);
  errno = 0;
  if (system(c)) die("failed: %s", c);
}

static void check_name(const char *s) {
  for (const char *c = s; *c; c++) if (!isalnum((unsigned char)*c) && !strchr("-_.", *c)) { errno = 0; die("bad name %s", s); }
}

static int open_tun(int i) {
  char path[128]; snprintf(path, sizeof path, "/run/netns/%s", opt.ns[i]);
  nsfd[i] = open(path, O_RDONLY | O_CLOEXEC);
  if (nsfd[i] < 0) {
    shell("ip netns add %s", opt.ns[i]);
    ns_created[i] = 1;
    if ((nsfd[i] = open(path, O_RDONLY | O_CLOEXEC)) < 0) die("cannot open %s", path);
  }
  if (setns(nsfd[i], CLONE_NEWNET)) die("setns");
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  struct ifreq r = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  strncpy(r.ifr_name, opt.dev, IFNAMSIZ - 1);
  if (fd < 0 || ioctl(fd, TUNSETIFF, &r)) die("tun in %s", opt.ns[i]);
  shell("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null; ip link set lo up && "
        "ip addr add %s peer %s dev %s && ip link set %s mtu %d txqueuelen %d up",
        opt.ip[i], opt.ip[1 - i], opt.dev, opt.dev, opt.mtu, opt.txq);
  if (setns(home_ns, CLONE_NEWNET)) die("setns back");
  return fd;
}

// Packets the kernel dropped because we did not read the TUN in time (must be 0 to trust a run).
static u64 tun_drops(int i) {
  unsigned long long v[12] = {0}; char line[512], *c;
  if (setns(nsfd[i], CLONE_NEWNET)) return 0;
  FILE *f = fopen("/proc/thread-self/net/dev", "r");
  while (f && fgets(line, sizeof line, f))
    if ((c = strchr(line, ':')) && (*c = 0, !strcmp(line + strspn(line, " "), opt.dev)))
      sscanf(c + 1, "%llu%llu%llu%llu%llu%llu%llu%llu%llu%llu%llu%llu", v, v+1, v+2, v+3, v+4, v+5, v+6, v+7, v+8, v+9, v+10, v+11);
  if (f) fclose(f);
  if (setns(home_ns, CLONE_NEWNET)) die("setns back");
  return v[11];
}

static void print_stats(void) {
  FILE *f = opt.stats ? fopen(opt.stats, "w") : stdout;
  if (!f) die("cannot write %s", opt.stats);
  struct rusage ru; getrusage(RUSAGE_SELF, &ru);
  fprintf(f, "{\"seconds\":%.3f,\"cpu_user\":%.3f,\"cpu_sys\":%.3f,\"pool_bytes\":%zu", (now_ns() - t_start) / 1e9,
          ru.ru_utime.tv_sec + ru.ru_utime.tv_usec / 1e6, ru.ru_stime.tv_sec + ru.ru_stime.tv_usec / 1e6, pool_bytes);
  for (int i = 0; i < 2; i++) {
    struct dir *d = &dirs[i]; u64 n = d->out_pkts + d->write_err;
    fprintf(f, ",\n \"%s\":{\"in_packets\":%lu,\"in_bytes\":%lu,\"out_packets\":%lu,\"out_bytes\":%lu,\"in_flight\":%zu,"
      "\"dropped\":{\"loss\":%lu,\"burst\":%lu,\"outage\":%lu,\"queue\":%lu,\"pool\":%lu,\"tun\":%lu,\"write\":%lu},"
      "\"duplicated\":%lu,\"corrupted\":%lu,\"held_back\":%lu,\"queue_limit\":%.0f,\"max_queue\":%lu,\"max_in_flight\":%lu,"
      "\"late_us\":{\"mean\":%.1f,\"max\":%.1f}}", d->name, d->in_pkts, d->in_bytes, d->out_pkts, d->out_bytes, d->count,
      d->lost, d->lost_burst, d->lost_outage, d->drop_queue, d->drop_pool, d->tun_drop, d->write_err, d->dups, d->corrupted,
      d->held, d->ns_per_byte > 0 ? d->qbytes : 0, d->max_q, d->max_inflight, n ? d->late_ns / 1e3 / n : 0, d->late_max / 1e3);
  }
  fprintf(f, "}\n");
  if (f != stdout) fclose(f); else fflush(f);
}

// ---- command line ------------------------------------------------------------------------

static int numbers(const char *s, double *v, int max) {
  int n = 0; char *e;
  for (; n < max; s = e + 1) {
    v[n++] = strtod(s, &e);
    if (e == s || (*e && *e != ',')) { errno = 0; die("bad number in '%s'", s); }
    if (!*e) break;
  }
  return n;
}
static void pair(const char *s, double *a, double *b) { double v[2]; *a = v[0] = 0; int n = numbers(s, v, 2); *a = v[0]; *b = v[n - 1]; }

static void queue_size(struct dir *d, double rtt_ms) {
  char *e; double v = strtod(d->queue, &e), bytes_per_ms = d->rate * 125;
  if (!strcmp(e, "ms")) v *= bytes_per_ms;
  else if (!strcmp(e, "bdp")) v *= bytes_per_ms * rtt_ms;
  else if (*e) { errno = 0; die("bad queue '%s'", d->queue); }
  d->qbytes = *e && v < opt.queue_min ? opt.queue_min : v;
  d->ns_per_byte = d->rate > 0 ? 8000 / d->rate : 0;
}

static void on_signal(int s) { (void)s; stop = 1; }

int main(int argc, char **argv) {
  enum { RATE = 1, DELAY, QUEUE, QMIN, LOSS, DUP, GE, CORRUPT, CDEL, JITTER, KEEP, REORDER, HOLD, OUTAGE, NSA, NSB, IPA, IPB,
         MTU, DEV, TXQ, SEED, QUANTUM, RT, SECONDS, STATS };
  static const struct option lo[] = {{"rate", 1, 0, RATE}, {"delay", 1, 0, DELAY}, {"queue", 1, 0, QUEUE}, {"queue-min", 1, 0, QMIN},
    {"loss", 1, 0, LOSS}, {"dup", 1, 0, DUP}, {"ge", 1, 0, GE}, {"corrupt", 1, 0, CORRUPT}, {"corrupt-deliver", 0, 0, CDEL},
    {"jitter", 1, 0, JITTER}, {"keep-order", 0, 0, KEEP}, {"reorder", 1, 0, REORDER}, {"hold", 1, 0, HOLD}, {"outage", 1, 0, OUTAGE},
    {"ns-a", 1, 0, NSA}, {"ns-b", 1, 0, NSB}, {"ip-a", 1, 0, IPA}, {"ip-b", 1, 0, IPB}, {"mtu", 1, 0, MTU}, {"dev", 1, 0, DEV},
    {"txq", 1, 0, TXQ}, {"seed", 1, 0, SEED}, {"quantum", 1, 0, QUANTUM}, {"rt", 1, 0, RT}, {"seconds", 1, 0, SECONDS},
    {"stats", 1, 0, STATS}, {0, 0, 0, 0}};
  struct dir *A = &dirs[0], *B = &dirs[1];
  for (int c; (c = getopt_long(argc, argv, "", lo, NULL)) != -1;) switch (c) {
    case RATE: pair(optarg, &A->rate, &B->rate); break;
    case DELAY: pair(optarg, &A->delay, &B->delay); break;
    case LOSS: pair(optarg, &A->loss, &B->loss); break;
    case DUP: pair(optarg, &A->dup, &B->dup); break;
    case CORRUPT: pair(optarg, &A->corrupt, &B->corrupt); break;
    case JITTER: pair(optarg, &A->jitter, &B->jitter); break;
    case REORDER: pair(optarg, &A->reorder, &B->reorder); break;
    case QUEUE: { char *k = strchr(optarg, ',');
      snprintf(A->queue, sizeof A->queue, "%.*s", k ? (int)(k - optarg) : 31, optarg);
      snprintf(B->queue, sizeof B->queue, "%s", k ? k + 1 : optarg); break; }
    case QMIN: opt.queue_min = atof(optarg); break;
    case GE: opt.ge_on = 1; numbers(optarg, opt.ge, 4); break;
    case OUTAGE: numbers(optarg, opt.outage, 2); break;
    case HOLD: opt.hold = atof(optarg); break;
    case CDEL: opt.corrupt_deliver = 1; break;
    case KEEP: opt.keep_order = 1; break;
    case NSA: opt.ns[0] = optarg; break;
    case NSB: opt.ns[1] = optarg; break;
    case IPA: opt.ip[0] = optarg; break;
    case IPB: opt.ip[1] = optarg; break;
    case DEV: opt.dev = optarg; break;
    case MTU: opt.mtu = atoi(optarg); break;
    case TXQ: opt.txq = atoi(optarg); break;
    case SEED: opt.seed = strtoull(optarg, NULL, 0); break;
    case QUANTUM: opt.quantum = (u64)(atof(optarg) * 1000); break;
    case RT: opt.rt = atoi(optarg); break;
    case SECONDS: opt.seconds = atof(optarg); break;
    case STATS: opt.stats = optarg; break;
    default: fprintf(stderr, "usage: see the head of linkem.c\n"); return 2;
  }
  errno = 0;
  if (optind < argc || opt.mtu < 576 || opt.mtu > 65535) die("bad argument");
  for (int i = 0; i < 2; i++) {
    check_name(opt.ns[i]); check_name(opt.ip[i]); check_name(opt.dev);
    queue_size(&dirs[i], A->delay + B->delay);
    dirs[i].rng = opt.seed * 2654435761u + (u64)i * 0x51ed2701u;
  }
  struct sigaction sa = {.sa_handler = on_signal};
  sigaction(SIGINT, &sa, NULL); sigaction(SIGTERM, &sa, NULL);
  home_ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  for (int i = 0; i < 2; i++) dirs[i].in = dirs[1 - i].out = open_tun(i);
  prctl(PR_SET_TIMERSLACK, 1UL);
  struct sched_param sp = {.sched_priority = opt.rt};
  if (opt.rt > 0 && sched_setscheduler(0, SCHED_FIFO, &sp)) perror("linkem: SCHED_FIFO");
  t_start = now_ns();
  printf("ready\n"); fflush(stdout);
  run();
  for (int i = 0; i < 2; i++) dirs[i].tun_drop = tun_drops(i);
  print_stats();
  close(A->in); close(B->in);
  for (int i = 0; i < 2; i++) if (ns_created[i]) shell("ip netns del %s", opt.ns[i]);
  return 0;
}
