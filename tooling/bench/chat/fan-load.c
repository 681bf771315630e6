// fan-load: members of one room, people who speak in it, and how fast what they say reaches everybody. One thread, epoll.
//
//   fan-load PROTOCOL PORT key=value ...
//     PROTOCOL   parley, parley-tls, line, irc, nats, mqtt, ws, socket.io
//     members    those who listen and are counted (100)      speakers  those who speak; they are in the room too (4)
//     joining    how many may be on their way in (8)         size      bytes of a text (100)
//     seconds    how long is measured (4), after warm (1)    pid       of the server: its time and memory are told
//     window     messages that not everybody has yet: the next is said when there are fewer (the server's maximum)
//     rate       messages a second by the clock, whatever the server does; latency counts from the time that was due
//     mode       talk (default); turns: come in, say READY, and talk at `rate` for `seconds` (the first time after
//                `warm`) whenever a line comes; hold: come in, say READY, stay until the end; return: as hold, and whoever
//                loses the connection comes back, reads what it missed, and DONE tells how long that took (parley only)
//
// A text begins with '$' and the due time in 16 hexadecimal digits. Parley's frames are taken apart and every entry's
// number is compared with the one before; with the others the mark is searched in the stream.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#ifdef WITH_TLS
#include <openssl/ssl.h>
#endif

enum { MARK = 17, READ_MAX = 1 << 20, SPEAKER_QUEUE_MAX = 1 << 16 };
enum { CONNECT_LIMIT_S = 120, DRAIN_LIMIT_S = 2, SETTLE_MS = 300 };
static const double NS = 1e9;
typedef uint64_t u64;

typedef struct conn {
  int fd, id, step, is_ready;
  char *carry; size_t carried;              // bytes of something whose end has not come
  char *out; size_t queued, out_capacity;   // bytes that the system did not take
  u64 epoch, sequence, target;              // parley: place in the log, and where it stood when we came in
  u64 retry_at;
#ifdef WITH_TLS
  SSL *tls;
#endif
} conn;

static struct { int members, speakers, joining, size, pid, window, port; double seconds, warm, rate; const char *mode; } options =
  {.members = 100, .speakers = 4, .joining = 8, .size = 100, .seconds = 4, .warm = 1, .mode = "talk"};

static conn *conns;
static int poller, total, opened, ready, closed, refused, gaps, is_returning, is_tls, is_asked;
static u64 said, delivered, measured_from = UINT64_MAX, measured_to, measured, run_id;
static char *scratch;

static u64 now_ns(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000ull + t.tv_nsec; }
static void fail(const char *what) { fprintf(stderr, "fan-load: %s (%s)\n", what, strerror(errno)); exit(1); }

// ---- latencies: 64 steps in each power of two of nanoseconds, 1.6 % apart ----
enum { STEPS = 64 * 64 };
static u64 steps[STEPS], all_steps[STEPS], latency_max; // of this talk, of all of them
static void count_latency(u64 ns) {
  int shift = ns < 64 ? 0 : 57 - __builtin_clzll(ns) + 1, step = shift * 64 + (int)((shift ? ns >> (shift - 1) : ns) & 63);
  steps[step]++; all_steps[step]++;
  if (ns > latency_max) latency_max = ns;
}
static double latency_ms(const u64 *counts, double part) {
  u64 all = 0, below = 0;
  for (int i = 0; i < STEPS; i++) all += counts[i];
  for (int i = 0; all && i < STEPS; i++)
    if ((below += counts[i]) >= part * all) return (i < 64 ? i : (double)((u64)(64 + i % 64) << (i / 64 - 1))) / 1e6;
  return 0;
}

static int hex_digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }
static void count_delivery(conn *c, const char *mark, u64 now) {
  if (c->id >= options.members) return;
  delivered++;
  if (now < measured_from || now >= measured_to) return;
  u64 due = 0;
  for (int i = 1; i < MARK; i++) due = due << 4 | (u64)hex_digit(mark[i]);
  measured++;
  if (due >= measured_from) count_latency(now > due ? now - due : 0);
}
static int make_text(char *out, u64 due) {
  int n = sprintf(out, "$%016lx", due);
  for (; n < options.size; n++) out[n] = 'a' + n % 26;
  return n;
}

// ---- sending ----
static ssize_t conn_write(conn *c, const char *bytes, size_t n) {
#ifdef WITH_TLS
  if (c->tls) { int sent = SSL_write(c->tls, bytes, (int)n); if (sent <= 0) { errno = EAGAIN; return -1; } return sent; }
#endif
  return write(c->fd, bytes, n);
}
static void flush(conn *c) {
  while (c->queued) {
    ssize_t sent = conn_write(c, c->out, c->queued);
    if (sent <= 0) break;
    memmove(c->out, c->out + sent, c->queued - (size_t)sent); c->queued -= (size_t)sent;
  }
  if (!c->queued && c->id < options.members) { free(c->out); c->out = NULL; c->out_capacity = 0; }
}
static void queue(conn *c, const void *bytes, size_t n) {
  if (c->queued + n > c->out_capacity) c->out = realloc(c->out, c->out_capacity = (c->queued + n) * 2);
  memcpy(c->out + c->queued, bytes, n); c->queued += n;
}
static void put(conn *c, const void *bytes, size_t n) { queue(c, bytes, n); flush(c); }
static void put_text(conn *c, const char *text) { put(c, text, strlen(text)); }
static void is_in(conn *c) { c->is_ready = 1; ready++; }

// ---- parley ----
static char *number(char *out, u64 value, int bytes) { while (bytes--) *out++ = (char)(value >> (8 * bytes)); return out; }
static u64 take(const unsigned char *b, int bytes) { u64 v = 0; while (bytes--) v = v << 8 | *b++; return v; }
static char *text_field(char *out, const char *text, size_t n) { out = number(out, n, 2); memcpy(out, text, n); return out + n; }
static size_t end_frame(char *frame, char *end) { number(frame, (u64)(end - frame - 4), 4); return (size_t)(end - frame); }

static void parley_greet(conn *c) {
  char b[256], name[32], *p = b + 4;
  *p++ = 0x10; p = number(p, 1, 2); p = number(p, 1, 2); p = text_field(p, "fan-load", 8);
  put(c, b, end_frame(b, p));
  p = b + 4; *p++ = 0x11; p = number(p, 1, 4); p = text_field(p, name, (size_t)sprintf(name, "m%d", c->id));
  p = number(number(number(number(p, run_id, 8), (u64)c->id, 8), run_id, 8), (u64)c->id, 8);
  put(c, b, end_frame(b, p));
}
static size_t parley_say(char *b, u64 due) {
  char text[4096], *p = b + 4;
  *p++ = 0x12; p = number(p, said & 0xffffffff, 4); p = number(number(p, run_id, 8), said, 8);
  p = text_field(p, "lobby", 5); p = text_field(p, text, (size_t)make_text(text, due));
  return end_frame(b, p);
}
static void parley_read_on(conn *c) {
  char b[64], *p = b + 4;
  *p++ = 0x1e; p = number(p, 2, 4); p = text_field(p, "lobby", 5); *p++ = 1;
  p = number(number(number(p, c->epoch, 8), c->sequence, 8), 0, 2);
  put(c, b, end_frame(b, p));
}
static u64 take_varint(const unsigned char **b) { u64 v = 0; int shift = 0; for (; **b & 0x80; shift += 7) v |= (u64)(*(*b)++ & 0x7f) << shift; return v | (u64)*(*b)++ << shift; }
static const unsigned char *skip_brief(const unsigned char *b) { u64 n = take_varint(&b); return b + n; }
static void count_sequence(conn *c, u64 sequence) {
  if (c->sequence && sequence != c->sequence + 1) gaps++;
  c->sequence = sequence;
}
static const unsigned char *skip_text(const unsigned char *b) { return b + 2 + take(b, 2); }
// From `sequence` on; the text.
static const char *parley_entry(conn *c, const unsigned char *b) {
  count_sequence(c, take_varint(&b));
  take_varint(&b);
  b = skip_brief(b) + 1;
  take_varint(&b); take_varint(&b);
  return (const char *)b;
}
static void parley_frame(conn *c, const unsigned char *b, const unsigned char *end, u64 now) {
  const unsigned char *body = b + 1; char pong[9];
  switch (*b) {
    case 0x01: number(pong, 5, 4); pong[4] = 0x02; memcpy(pong + 5, body, 4); put(c, pong, 9); return;
    case 0x41: if (!c->is_ready) { is_in(c); if (c->sequence < c->target) parley_read_on(c); } return;
    case 0x43: refused++; return;
    case 0x4c: {
      body = skip_text(body + 1);
      c->retry_at = now + (*body ? take(body + 1, 4) : 50) * 1000000ull; return; }
    case 0x49: {
      const char *mark = parley_entry(c, skip_brief(body));
      if (mark < (const char *)end && *mark == '$') count_delivery(c, mark, now);
      return; }
    case 0x4a: {
      body = skip_text(body + 4) + 24;
      u64 count = take(body, 2);
      for (body += 2; count--; body = skip_text(body)) count_sequence(c, take(body + 2, 8));
      if (c->sequence < c->target) parley_read_on(c);
      return; }
    case 0x4e:
      body = skip_text(body) + 1;
      body = skip_text(*body ? skip_text(body + 1) : body + 1) + 4;
      c->epoch = take(body, 8); c->target = take(body + 16, 8);
      if (!is_returning) c->sequence = c->target;
      return;
  }
}
static size_t parley_receive(conn *c, const char *bytes, size_t n) {
  size_t at = 0; u64 now = now_ns();
  while (n - at >= 4) {
    size_t length = take((const unsigned char *)bytes + at, 4);
    if (n - at < 4 + length) break;
    parley_frame(c, (const unsigned char *)bytes + at + 4, (const unsigned char *)bytes + at + 4 + length, now);
    at += 4 + length;
  }
  return at;
}

// ---- the others ----
static size_t marks_receive(conn *c, const char *bytes, size_t n) {
  u64 now = now_ns();
  for (const char *at = bytes, *end = bytes + n; at < end;) {
    const char *mark = memchr(at, '$', (size_t)(end - at));
    if (!mark) return n;
    if (end - mark < MARK) return (size_t)(mark - bytes);
    count_delivery(c, mark, now);
    at = mark + MARK;
  }
  return n;
}
static int has(const char *bytes, size_t n, const char *what) { return memmem(bytes, n, what, strlen(what)) != NULL; }
// Goes to the next step, or into the room, when the words have come; what came is done with then.
static size_t await(conn *c, const char *bytes, size_t n, const char *words, const char *answer) {
  if (!has(bytes, n, words)) return 0;
  c->step++;
  if (answer) put_text(c, answer); else is_in(c);
  return n;
}
static void silent_greet(conn *c) { (void)c; }
static size_t line_enter(conn *c, const char *b, size_t n) { return await(c, b, n, "\n", NULL); }
static size_t line_say(char *b, u64 due) { int n = make_text(b, due); b[n] = '\n'; return (size_t)n + 1; }

static void irc_greet(conn *c) { char b[64]; sprintf(b, "NICK u%d\r\nUSER u%d 0 * :u\r\n", c->id, c->id); put_text(c, b); }
static size_t irc_enter(conn *c, const char *b, size_t n) {
  const char *ping = memmem(b, n, "PING :", 6), *end = ping ? memchr(ping, '\n', n - (size_t)(ping - b)) : NULL;
  if (end) { put(c, "PONG", 4); put(c, ping + 4, (size_t)(end + 1 - ping - 4)); return (size_t)(end + 1 - b); }
  return c->step == 0 ? await(c, b, n, " 001 ", "JOIN #c\r\n") : await(c, b, n, " 366 ", NULL);
}
static size_t irc_say(char *b, u64 due) { char t[4096]; int n = make_text(t, due); return (size_t)sprintf(b, "PRIVMSG #c :%.*s\r\n", n, t); }

static size_t nats_enter(conn *c, const char *b, size_t n) {
  const char *hello = "CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":false}\r\nSUB c 1\r\nPING\r\n";
  return c->step == 0 ? await(c, b, n, "\n", hello) : await(c, b, n, "PONG", NULL);
}
static size_t nats_say(char *b, u64 due) { char t[4096]; int n = make_text(t, due); return (size_t)sprintf(b, "PUB c %d\r\n%.*s\r\n", n, n, t); }

static void mqtt_greet(conn *c) {
  char b[64], id[16]; int k = sprintf(id, "u%d", c->id);
  put(c, b, (size_t)sprintf(b, "%c%c%c%cMQTT%c%c%c%c%c%c%s", 0x10, 12 + k, 0, 4, 4, 2, 0, 0, 0, k, id));
}
static size_t mqtt_enter(conn *c, const char *b, size_t n) {
  if (c->step == 0 && n >= 4) { c->step++; put(c, "\x82\x06\x00\x01\x00\x01" "c\x00", 8); return 4; }
  return c->step == 0 ? 0 : await(c, b, n, "\x90\x03", NULL);
}
static size_t mqtt_say(char *b, u64 due) {
  char text[4096]; int n = make_text(text, due), rest = n + 3, at = 0;
  b[at++] = 0x30;
  if (rest > 127) { b[at++] = (char)(rest % 128 | 128); b[at++] = (char)(rest / 128); } else b[at++] = (char)rest;
  memcpy(b + at, "\x00\x01" "c", 3); memcpy(b + at + 3, text, (size_t)n);
  return (size_t)(at + 3 + n);
}

// A mask of zeros leaves the text as it is.
static size_t ws_frame(char *b, const char *text, size_t n) {
  char *p = b; *p++ = (char)0x81;
  if (n < 126) *p++ = (char)(0x80 | n); else { *p++ = (char)(0x80 | 126); p = number(p, n, 2); }
  memset(p, 0, 4); memcpy(p + 4, text, n);
  return (size_t)(p + 4 - b) + n;
}
static void upgrade(conn *c, const char *path) {
  char b[512];
  sprintf(b, "GET %s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", path);
  put_text(c, b);
}
static void ws_greet(conn *c) { upgrade(c, "/"); }
static size_t ws_enter(conn *c, const char *b, size_t n) { return await(c, b, n, "\r\n\r\n", NULL); }
static size_t ws_say(char *b, u64 due) { char t[4096]; return ws_frame(b, t, (size_t)make_text(t, due)); }
static void sio_greet(conn *c) { upgrade(c, "/socket.io/?EIO=4&transport=websocket"); }
static size_t sio_enter(conn *c, const char *b, size_t n) {
  if (c->step == 1) return await(c, b, n, "40{", NULL);
  if (!has(b, n, "0{\"sid")) return 0;
  char frame[16]; c->step++; put(c, frame, ws_frame(frame, "40", 2));
  return n;
}
static size_t sio_say(char *b, u64 due) {
  char t[4096], event[4200]; int n = make_text(t, due);
  return ws_frame(b, event, (size_t)sprintf(event, "42[\"m\",\"%.*s\"]", n, t));
}

static const struct protocol {
  const char *name; void (*greet)(conn *); size_t (*enter)(conn *, const char *, size_t);
  size_t (*receive)(conn *, const char *, size_t); size_t (*say)(char *, u64);
} protocols[] = {
  {"parley", parley_greet, parley_receive, parley_receive, parley_say},
  {"parley-tls", parley_greet, parley_receive, parley_receive, parley_say},
  {"line", silent_greet, line_enter, marks_receive, line_say},
  {"irc", irc_greet, irc_enter, marks_receive, irc_say},
  {"nats", silent_greet, nats_enter, marks_receive, nats_say},
  {"mqtt", mqtt_greet, mqtt_enter, marks_receive, mqtt_say},
  {"ws", ws_greet, ws_enter, marks_receive, ws_say},
  {"socket.io", sio_greet, sio_enter, marks_receive, sio_say},
}, *protocol;

// ---- connections ----
static int open_conn(int id) {
  conn *c = &conns[id];
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  c->id = id; c->step = 0; c->is_ready = 0; c->carried = 0; c->queued = 0; c->retry_at = 0;
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (c->fd < 0) fail("socket");
  if (connect(c->fd, (struct sockaddr *)&to, sizeof to)) { close(c->fd); c->fd = -1; return 0; }
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
#ifdef WITH_TLS
  static SSL_CTX *context;
  if (is_tls) {
    if (!context) { context = SSL_CTX_new(TLS_client_method()); SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS); }
    c->tls = SSL_new(context); SSL_set_fd(c->tls, c->fd); SSL_set_connect_state(c->tls);
  }
#endif
  struct epoll_event event = {.events = EPOLLIN | (id >= options.members ? EPOLLOUT | EPOLLET : 0), .data.ptr = c};
  epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event);
  protocol->greet(c);
  return 1;
}
static void lose_conn(conn *c) {
  closed++;
  if (c->is_ready) { c->is_ready = 0; ready--; }
#ifdef WITH_TLS
  if (c->tls) { SSL_free(c->tls); c->tls = NULL; }
#endif
  close(c->fd); c->fd = -1; opened--;
  if (!c->retry_at) c->retry_at = now_ns() + 50000000;
}
static ssize_t conn_read(conn *c, char *into, size_t n) {
#ifdef WITH_TLS
  if (c->tls) {
    int got = SSL_read(c->tls, into, (int)n);
    if (got > 0) return got;
    int error = SSL_get_error(c->tls, got);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) { errno = EAGAIN; return -1; }
    return 0;
  }
#endif
  return read(c->fd, into, n);
}
static void receive(conn *c) {
  for (;;) {
    if (c->carried) memcpy(scratch, c->carry, c->carried);
    size_t room = READ_MAX - c->carried;
    ssize_t n = conn_read(c, scratch + c->carried, room);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) { lose_conn(c); return; }
    size_t all = c->carried + (size_t)n, used = (c->is_ready ? protocol->receive : protocol->enter)(c, scratch, all);
    c->carried = all - used;
    if (c->carried) { c->carry = realloc(c->carry, c->carried); memcpy(c->carry, scratch + used, c->carried); }
    else if (c->carry) { free(c->carry); c->carry = NULL; }
    if ((size_t)n < room && !is_tls) return;
  }
}
static void pump(u64 wait_ns) {
  static struct epoll_event events[512];
  struct timespec wait = {(time_t)(wait_ns / 1000000000ull), (long)(wait_ns % 1000000000ull)};
  int count = epoll_pwait2(poller, events, 512, &wait, NULL);
  for (int i = 0; i < count; i++) {
    conn *c = events[i].data.ptr;
    if (!c) { is_asked = 1; continue; }
    if (c->fd < 0) continue;
    if (c->queued) flush(c);
    receive(c);
    if (c->fd >= 0 && c->queued) flush(c);
  }
}
static void come_in(void) {
  u64 limit = now_ns() + CONNECT_LIMIT_S * 1000000000ull;
  for (int next = 0; ready < total && !closed && now_ns() < limit;) {
    if (next < total && next - ready < options.joining) { if (!open_conn(next)) fail("connect"); next++; opened++; pump(0); } else pump(1000000);
  }
  if (ready < total) { fprintf(stderr, "fan-load: only %d of %d came in, %d were closed, %d refused\n", ready, total, closed, refused); exit(1); }
}

// ---- what the server takes ----
static double cpu_of(int pid) {
  char path[64], b[1024] = ""; unsigned long user = 0, system = 0; snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE *f = fopen(path, "r"); if (!f) return 0;
  size_t n = fread(b, 1, sizeof b - 1, f); (void)n; fclose(f);
  char *fields = strrchr(b, ')');
  if (fields) sscanf(fields + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
  return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}
static double rss_mb(int pid) {
  char path[64], line[256]; long kb = 0; snprintf(path, sizeof path, "/proc/%d/status", pid);
  FILE *f = fopen(path, "r");
  while (f && fgets(line, sizeof line, f)) if (!strncmp(line, "VmRSS:", 6)) kb = atol(line + 6);
  if (f) fclose(f);
  return (double)kb / 1024;
}

// ---- the modes ----
static int speak(u64 due) {
  conn *c = &conns[options.members + (int)(said % (u64)options.speakers)]; char b[8192];
  if (c->fd < 0 || c->queued > SPEAKER_QUEUE_MAX) return 0;
  queue(c, b, protocol->say(b, due));
  said++;
  return 1;
}
static void settle(void) { for (u64 end = now_ns() + SETTLE_MS * 1000000ull; now_ns() < end;) pump(1000000); }
static void talk(double warm) {
  static int talks;
  memset(steps, 0, sizeof steps); latency_max = measured = 0;
  u64 begin = now_ns(); double due = (double)begin, gap = options.rate > 0 ? NS / options.rate : 0, cpu_before = 0, cpu_after = 0, own_before = 0, own_after = 0;
  u64 members = (u64)options.members, drained_by;
  measured_from = begin + (u64)(warm * NS); measured_to = measured_from + (u64)(options.seconds * NS); drained_by = measured_to + DRAIN_LIMIT_S * 1000000000ull;
  for (int is_measuring = 0, is_over = 0;;) {
    u64 now = now_ns(), wait = 1000000;
    if (!is_measuring && now >= measured_from) { is_measuring = 1; cpu_before = cpu_of(options.pid); own_before = cpu_of(getpid()); }
    if (!is_over && now >= measured_to) { is_over = 1; cpu_after = cpu_of(options.pid); own_after = cpu_of(getpid()); }
    if (is_over && (delivered >= said * members || now >= drained_by || closed)) break;
    if (!is_over) {
      if (options.window) while (said < delivered / members + (u64)options.window && speak(now)) ;
      else {
        while (due <= (double)now && speak((u64)due)) due += gap;
        if (due < (double)now + 1e6) wait = due > (double)now ? (u64)(due - (double)now) : 0;
      }
      for (int i = options.members; i < total; i++) if (conns[i].fd >= 0 && conns[i].queued) flush(&conns[i]);
    }
    pump(wait);
  }
  printf("{\"talk\":%d,\"messagesPerSecond\":%.1f,\"deliveriesPerSecond\":%.0f,\"p50Ms\":%.3f,\"p99Ms\":%.3f,\"p999Ms\":%.3f,\"maxMs\":%.3f,\"p99AllMs\":%.3f,"
    "\"undelivered\":%ld,\"closed\":%d,\"refused\":%d,\"gaps\":%d,\"serverCpu\":%.3f,\"generatorCpu\":%.3f,\"rssMb\":%.1f}\n",
    ++talks, (double)measured / (double)members / options.seconds, (double)measured / options.seconds, latency_ms(steps, .5), latency_ms(steps, .99), latency_ms(steps, .999), (double)latency_max / 1e6, latency_ms(all_steps, .99),
    (long)(said * members - delivered), closed, refused, gaps, (cpu_after - cpu_before) / options.seconds, (own_after - own_before) / options.seconds, rss_mb(options.pid));
  fflush(stdout);
}
// Everybody stays between the talks: other servers have theirs meanwhile.
static void talk_in_turns(void) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &event)) fail("standard input");
  printf("READY\n"); fflush(stdout);
  char line[16];
  for (double warm = options.warm;; warm = 0) {
    while (!is_asked && !closed) pump((u64)NS);
    if (closed) fail("a connection was closed");
    is_asked = 0;
    if (read(STDIN_FILENO, line, sizeof line) <= 0) return;
    talk(warm);
  }
}
// Stays until the process is ended. Whoever loses the connection comes back, if that is what is measured.
static void hold(void) {
  printf("READY\n"); fflush(stdout);
  is_returning = !strcmp(options.mode, "return");
  u64 lost_at = 0, back_at = 0;
  for (;;) {
    pump(5000000);
    if (!is_returning || (!closed && !lost_at)) { if (closed && !is_returning) fail("a connection was closed"); continue; }
    u64 now = now_ns();
    if (!lost_at) lost_at = now;
    int caught_up = 0;
    for (int i = 0; i < total; i++) {
      conn *c = &conns[i];
      if (c->fd < 0 && now >= c->retry_at && opened - ready < options.joining) {
        if (open_conn(i)) { opened++; if (!back_at) back_at = now; } else c->retry_at = now + 50000000;
      }
      caught_up += c->is_ready && c->sequence >= c->target;
    }
    if (caught_up < total) continue;
    printf("DONE {\"sinceServerBackS\":%.2f,\"sinceFirstLossS\":%.2f,\"gaps\":%d,\"refused\":%d}\n", (double)(now_ns() - back_at) / NS, (double)(now_ns() - lost_at) / NS, gaps, refused);
    return;
  }
}

static void read_options(int count, char **arguments) {
  for (size_t i = 0; count > 2 && i < sizeof protocols / sizeof *protocols; i++) if (!strcmp(arguments[1], protocols[i].name)) protocol = &protocols[i];
  if (!protocol) { fprintf(stderr, "usage: fan-load PROTOCOL PORT key=value ... (see the head of fan-load.c)\n"); exit(2); }
  is_tls = !strcmp(protocol->name, "parley-tls"); options.port = atoi(arguments[2]);
  for (int i = 3; i < count; i++) {
    char *value = strchr(arguments[i], '='); if (!value) fail("expected key=value"); *value++ = 0;
    struct { const char *key; int *whole; double *real; } known[] = {
      {"members", &options.members, 0}, {"speakers", &options.speakers, 0}, {"joining", &options.joining, 0}, {"size", &options.size, 0},
      {"pid", &options.pid, 0}, {"window", &options.window, 0}, {"seconds", 0, &options.seconds}, {"warm", 0, &options.warm}, {"rate", 0, &options.rate}};
    if (!strcmp(arguments[i], "mode")) { options.mode = value; continue; }
    int found = 0;
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) if (!strcmp(arguments[i], known[k].key)) { found = 1; if (known[k].whole) *known[k].whole = atoi(value); else *known[k].real = atof(value); }
    if (!found) { fprintf(stderr, "fan-load: no option is called %s\n", arguments[i]); exit(2); }
  }
#ifndef WITH_TLS
  if (is_tls) { fprintf(stderr, "fan-load: built without TLS\n"); exit(2); }
#endif
  if (options.size < MARK + 3 || options.size > 4000 || options.members < 1 || options.speakers < 0 || (*options.mode == 't' && !options.window && options.rate <= 0)) { fprintf(stderr, "fan-load: options out of range\n"); exit(2); }
}

int main(int count, char **arguments) {
  read_options(count, arguments);
  struct rlimit files; getrlimit(RLIMIT_NOFILE, &files); files.rlim_cur = files.rlim_max; setrlimit(RLIMIT_NOFILE, &files);
  prctl(PR_SET_PDEATHSIG, SIGKILL); // ends with whoever started it
  run_id = now_ns(); poller = epoll_create1(0); total = options.members + options.speakers;
  conns = calloc((size_t)total, sizeof *conns); scratch = malloc(READ_MAX);
  come_in();
  if (*options.mode == 't') settle();
  if (!strcmp(options.mode, "talk")) talk(options.warm);
  else if (!strcmp(options.mode, "turns")) talk_in_turns();
  else hold();
  return 0;
}
