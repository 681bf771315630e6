// A stream over UDT4 (default) or SRT in file mode (-DUSE_SRT); same words as stream-driver.ts, FILES in the environment included.
//   udt-peer recv|send HOST PORT
//   g++ -O2 -I/usr/include/udt -o udt-peer udt-peer.cc -ludt -lpthread;  g++ -O2 -DUSE_SRT -o srt-peer udt-peer.cc -lsrt
#include <arpa/inet.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <vector>
#ifdef USE_SRT
#include <srt/srt.h>
#else
#include <udt.h>
#endif

static volatile sig_atomic_t stop;
static long long now_ns() { timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000LL + t.tv_nsec; }
static void fail(const char *what) {
#ifdef USE_SRT
  fprintf(stderr, "%s: %s\n", what, srt_getlasterror_str());
#else
  fprintf(stderr, "%s: %s\n", what, UDT::getlasterror().getErrorMessage());
#endif
  exit(1);
}

// Thin common face over the two libraries. Windows of 64 MB so that no BDP here is limited by them.
#ifdef USE_SRT
typedef SRTSOCKET sock;
static sock make() {
  sock s = srt_create_socket(); int file = SRTT_FILE, buf = 64 << 20, win = 64000, no = 0, tmo = 50, udp = 4 << 20;
  srt_setsockflag(s, SRTO_TRANSTYPE, &file, sizeof file);
  srt_setsockflag(s, SRTO_MESSAGEAPI, &no, sizeof no);
  srt_setsockflag(s, SRTO_FC, &win, sizeof win);
  srt_setsockflag(s, SRTO_SNDBUF, &buf, sizeof buf); srt_setsockflag(s, SRTO_RCVBUF, &buf, sizeof buf);
  srt_setsockflag(s, SRTO_UDP_RCVBUF, &udp, sizeof udp); srt_setsockflag(s, SRTO_UDP_SNDBUF, &udp, sizeof udp);
  srt_setsockflag(s, SRTO_RCVTIMEO, &tmo, sizeof tmo);
  return s;
}
static int p_bind(sock s, sockaddr *a) { return srt_bind(s, a, sizeof(sockaddr_in)); }
static int p_listen(sock s) { return srt_listen(s, 1); }
static sock p_accept(sock s) { return srt_accept(s, 0, 0); }
static int p_connect(sock s, sockaddr *a) { return srt_connect(s, a, sizeof(sockaddr_in)); }
static int p_recv(sock s, char *b, int n) { return srt_recv(s, b, n); }
static int p_send(sock s, const char *b, int n) { return srt_send(s, b, n); }
static void p_start() { srt_startup(); srt_setloglevel(0); }
static const sock NONE = SRT_INVALID_SOCK;
#else
typedef UDTSOCKET sock;
static sock make() {
  sock s = UDT::socket(AF_INET, SOCK_STREAM, 0); int buf = 64 << 20, win = 64000, tmo = 50, udp = 4 << 20;
  UDT::setsockopt(s, 0, UDT_FC, &win, sizeof win);
  UDT::setsockopt(s, 0, UDT_SNDBUF, &buf, sizeof buf); UDT::setsockopt(s, 0, UDT_RCVBUF, &buf, sizeof buf);
  UDT::setsockopt(s, 0, UDP_RCVBUF, &udp, sizeof udp); UDT::setsockopt(s, 0, UDP_SNDBUF, &udp, sizeof udp);
  UDT::setsockopt(s, 0, UDT_RCVTIMEO, &tmo, sizeof tmo);
  return s;
}
static int p_bind(sock s, sockaddr *a) { return UDT::bind(s, a, sizeof(sockaddr_in)); }
static int p_listen(sock s) { return UDT::listen(s, 1); }
static sock p_accept(sock s) { int n = sizeof(sockaddr_in); sockaddr_in a; return UDT::accept(s, (sockaddr *)&a, &n); }
static int p_connect(sock s, sockaddr *a) { return UDT::connect(s, a, sizeof(sockaddr_in)); }
static int p_recv(sock s, char *b, int n) { return UDT::recv(s, b, n, 0); }
static int p_send(sock s, const char *b, int n) { return UDT::send(s, b, n, 0); }
static void p_start() { UDT::startup(); }
static const sock NONE = UDT::INVALID_SOCK;
#endif

// A file of the folder FILES; -1 where the environment names none.
static int open_file(const char *name, int flags) {
  const char *folder = getenv("FILES");
  if (!folder) return -1;
  int fd = open((std::string(folder) + "/" + name).c_str(), flags, 0644);
  if (fd < 0) { perror(name); exit(1); }
  return fd;
}
static void write_all(int fd, const char *b, int n) {
  while (n > 0) {
    int w = write(fd, b, n);
    if (w < 0) { perror("write"); exit(1); }
    b += w, n -= w;
  }
}

struct sample { long long t, n; };
int main(int argc, char **argv) {
  if (argc != 4) return 2;
  setvbuf(stdout, 0, _IOLBF, 0);
  sockaddr_in a = {}; a.sin_family = AF_INET; a.sin_port = htons(atoi(argv[3])); inet_pton(AF_INET, argv[2], &a.sin_addr);
  signal(SIGTERM, [](int) { stop = 1; });
  p_start();
  sock s = make();
  if (s == NONE) fail("socket");
  std::vector<char> buf(1 << 20, 'x');
  for (size_t i = 0; i < buf.size(); i++) buf[i] = i * 2654435761u >> 13;
  if (!strcmp(argv[1], "send")) {
    printf("START %lld\n", now_ns());
    if (p_connect(s, (sockaddr *)&a) < 0) fail("connect");
    int source = open_file("source", O_RDONLY);
    for (;;) {
      int n = source < 0 ? buf.size() : read(source, buf.data(), buf.size());
      if (n <= 0) { perror("source"); return 1; }
      // Both libraries take a part when their buffer has no more room.
      for (int at = 0, r; at < n; at += r) if ((r = p_send(s, buf.data() + at, n - at)) < 0) fail("send");
    }
  }
  if (p_bind(s, (sockaddr *)&a) < 0 || p_listen(s) < 0) fail("listen");
  printf("READY\n");
  sock c = p_accept(s);
  if (c == NONE) fail("accept");
  int target = open_file("target", O_WRONLY | O_CREAT | O_TRUNC);
  std::vector<sample> log; long long n = 0, last = 0;
  while (!stop) {
    int r = p_recv(c, buf.data(), buf.size());
    if (r > 0 && target >= 0) write_all(target, buf.data(), r);
    if (r > 0) n += r;
    long long t = now_ns();
    if (t - last >= 50000000) log.push_back({t, n}), last = t;
  }
  printf("{\"bytes\":%lld,\"samples\":[[%lld,%lld]", n, log.empty() ? now_ns() : log[0].t, log.empty() ? n : log[0].n);
  for (size_t i = 1; i < log.size(); i++) printf(",[%lld,%lld]", log[i].t, log[i].n);
  printf(",[%lld,%lld]]}\n", now_ns(), n);
  fflush(stdout);
  _exit(0);
}
