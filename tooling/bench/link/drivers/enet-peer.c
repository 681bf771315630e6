// A stream of reliable 32 KB packets over ENet; same words as stream-driver.ts.
//   enet-peer recv|send HOST PORT          gcc -O2 -o enet-peer enet-peer.c -lenet
#include <enet/enet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
static volatile sig_atomic_t stop;
static void on_term(int s) { (void)s; stop = 1; }
static long long now_ns(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000LL + t.tv_nsec; }
enum { SIZE = 32768, AHEAD = 256, MAX = 4096 };
int main(int argc, char **argv) {
  if (argc != 4 || enet_initialize()) return 2;
  setvbuf(stdout, 0, _IOLBF, 0);
  signal(SIGTERM, on_term);
  ENetAddress a; enet_address_set_host(&a, argv[2]); a.port = atoi(argv[3]);
  ENetEvent e; static char data[SIZE];
  if (!strcmp(argv[1], "send")) {
    ENetHost *h = enet_host_create(NULL, 1, 1, 0, 0);
    printf("START %lld\n", now_ns());
    ENetPeer *p = enet_host_connect(h, &a, 1, 0);
    int up = 0;
    for (;;) {
      while (enet_host_service(h, &e, up ? 1 : 50) > 0) { if (e.type == ENET_EVENT_TYPE_CONNECT) up = 1; if (e.type == ENET_EVENT_TYPE_DISCONNECT) { fprintf(stderr, "send: disconnected\n"); return 1; } }
      while (up && enet_list_size(&p->outgoingCommands) + enet_list_size(&p->sentReliableCommands) < AHEAD)
        enet_peer_send(p, 0, enet_packet_create(data, SIZE, ENET_PACKET_FLAG_RELIABLE));
    }
  }
  ENetHost *h = enet_host_create(&a, 1, 1, 0, 0);
  if (!h) return 1;
  printf("READY\n");
  static long long log[MAX][2]; int k = 0; long long n = 0, last = 0;
  while (!stop) {
    if (enet_host_service(h, &e, 20) > 0 && e.type == ENET_EVENT_TYPE_RECEIVE) { n += e.packet->dataLength; enet_packet_destroy(e.packet); }
    long long t = now_ns();
    if (t - last >= 50000000 && k < MAX - 1) { log[k][0] = last = t; log[k++][1] = n; }
  }
  log[k][0] = now_ns(); log[k++][1] = n;
  printf("{\"bytes\":%lld,\"samples\":[", n);
  for (int i = 0; i < k; i++) printf("%s[%lld,%lld]", i ? "," : "", log[i][0], log[i][1]);
  printf("]}\n"); fflush(stdout); _exit(0);
}
