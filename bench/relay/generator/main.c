/*
 * A load generator for message servers: one thread, epoll, as many connections as are wanted, and all protocols with
 * the same clockwork, so that what differs between two figures is the server.
 *
 *   generator PROTOCOL PORT
 *
 * It is driven by lines on standard input and answers by lines on standard output:
 *
 *   id INDEX HEX         the 16 bytes by which messages find the connection
 *   connect FIRST COUNT [PORT]  → `open INDEX` for each that can send
 *   send INDEX HEX       one frame as it is (Palmkey: authentication, resume)
 *   close INDEX
 *   run KEY=VALUE ...    → `result {...}` once all has arrived, or has not for two seconds
 *   stop                 ends a run now
 *   expect COUNT         → `arrived` once so many messages more have come, in a run or not
 *
 * `frame INDEX HEX` tells of each frame that is for the connection itself (Palmkey: challenge, admission, errors);
 * `gone INDEX` of a connection that the server closed.
 */
#include "generator.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONNECTIONS 20000
#define READ_BYTES (256 * 1024)
/* NATS puts all that waits for a client into one WebSocket frame. */
#define MAX_KEPT (8 * 1024 * 1024)
/* Connections of one source address: what a relay takes from one address in a minute is limited. */
#define EACH_ADDRESS 25
#define CONNECTING_AT_ONCE 100
/* What has not arrived so long after the last message was sent is lost. */
#define LOST_AFTER_NS 2000000000ull
/* A sender whose socket holds so much has to wait: the server does not read. */
#define MAX_OUT (1024 * 1024)
/* Palmkey's frame by which a device begins to read its mail. */
#define RESUME 24

const struct protocol *protocol;
struct run run;
bool running;

static struct connection connections[MAX_CONNECTIONS];
static uint32_t dirty[MAX_CONNECTIONS], dirty_count;
static uint32_t to_connect, connect_end, connecting;
static int epoll, port;
static uint64_t expected;
static struct bytes commands;

static uint64_t start_at, begin_at, end_at, turn;
static bool measuring, sending;

static const struct protocol *const protocols[] = {&palmkey, &forwarder, &nats, &nats_websocket, &mqtt};

void fail(const char *what) {
  fprintf(stderr, "generator: %s\n", what);
  exit(1);
}

uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

struct connection *connection_at(uint32_t index) {
  return index < MAX_CONNECTIONS ? &connections[index] : NULL;
}

void mark_dirty(struct connection *c) {
  if (c->dirty) return;
  c->dirty = true;
  dirty[dirty_count++] = c->index;
}

void put_stamp(uint8_t *body, uint64_t intended, uint32_t sender) {
  memcpy(body, &intended, 8);
  memcpy(body + 8, &sender, 4);
}

/* ---- a run: who sends when ---- */

/* When the next message of a sender is due: all senders together keep the rate, each in its turn. */
static uint64_t due_at(const struct connection *sender) {
  uint64_t place = sender->index - run.first_sender + sender->sent * run.senders;
  return start_at + (uint64_t)((double)place * 1e9 / run.rate);
}

static uint32_t any_below(uint32_t count) {
  static uint64_t state = 0x2545f4914f6cdd1d;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)((state >> 32) * count >> 32);
}

static bool may_send(const struct connection *sender) {
  return sending && sender->ready && sender->state == OPEN && sender->in_flight < run.window * run.fanout &&
         sender->out.length < MAX_OUT && (!run.each || sender->sent < run.each);
}

static void send_due(struct connection *sender, uint64_t now) {
  while (may_send(sender)) {
    uint64_t intended = now;
    if (run.rate > 0) {
      intended = due_at(sender);
      if (intended > now) return;
    }
    uint32_t shift = run.spread ? 1 + any_below(run.recipients - 1) : run.shift;
    uint32_t place = (sender->index - run.first_sender + shift) % run.recipients;
    protocol->send(sender, &connections[run.first_recipient + place], intended);
    sender->sent++;
    sender->in_flight += run.until_settled ? 1 : run.fanout;
    figure_sent(intended);
  }
}

/* Sends all that is due; returns when the next is, 0 for unknown. */
static uint64_t send_all_due(uint64_t now) {
  if (!sending) return 0;
  if (run.rate <= 0) {
    if (turn == 0) {
      for (uint32_t i = 0; i < run.senders; i++) send_due(&connections[run.first_sender + i], now);
      turn = 1;
    }
    return 0;
  }
  uint64_t until = (uint64_t)((double)(now - start_at) * run.rate / 1e9) + 1;
  /* More than one round behind means that every sender is asked once, and sends all that it owes. */
  if (until - turn > run.senders) turn = until - run.senders;
  for (; turn < until; turn++) send_due(&connections[run.first_sender + turn % run.senders], now);
  return start_at + (uint64_t)((double)turn * 1e9 / run.rate);
}

static void one_less(struct connection *sender, uint64_t now) {
  if (sender->in_flight) sender->in_flight--;
  if (running) send_due(sender, now);
}

void delivered(const uint8_t *body) {
  if (expected && --expected == 0) printf("arrived\n");
  if (!running) return;
  uint64_t intended, now = now_ns();
  uint32_t index;
  memcpy(&intended, body, 8);
  memcpy(&index, body + 8, 4);
  /* What an earlier run has left. */
  if (intended < start_at || index >= MAX_CONNECTIONS) return;
  figure_delivered(intended, now);
  if (!run.until_settled) one_less(&connections[index], now);
}

void settled(struct connection *sender, uint64_t sent_at) {
  if (!running || sent_at < start_at) return;
  uint64_t now = now_ns();
  figure_settled(sent_at, now);
  if (run.until_settled) one_less(sender, now);
}

void refused(struct connection *sender, unsigned code) {
  figure_refused(code);
  /* Mail that was refused is settled too. */
  if (run.until_settled) return;
  sender->in_flight -= sender->in_flight < run.fanout ? sender->in_flight : run.fanout;
}

void stored(void) {
  if (running) figure_stored();
}

static void begin_run(char *text) {
  run = (struct run){.window = 256, .fanout = 1, .type = 1, .body = 1024, .seconds = 1, .warm_seconds = 0.3};
  for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
    char *value = strchr(word, '=');
    if (!value) fail("a word of a run without a value");
    *value++ = 0;
    double number = atof(value);
    if (!strcmp(word, "senders")) {
      if (sscanf(value, "%u+%u", &run.first_sender, &run.senders) != 2) fail("senders");
    } else if (!strcmp(word, "recipients")) {
      if (sscanf(value, "%u+%u", &run.first_recipient, &run.recipients) != 2) fail("recipients");
    } else if (!strcmp(word, "spread")) run.spread = number != 0;
    else if (!strcmp(word, "shift")) run.shift = (uint32_t)number;
    else if (!strcmp(word, "rate")) run.rate = number;
    else if (!strcmp(word, "window")) run.window = (uint32_t)number;
    else if (!strcmp(word, "fanout")) run.fanout = (uint32_t)number;
    else if (!strcmp(word, "type")) run.type = (uint8_t)number;
    else if (!strcmp(word, "durable")) run.durable = (uint8_t)number;
    else if (!strcmp(word, "lifetime")) run.lifetime = (uint32_t)number;
    else if (!strcmp(word, "body")) run.body = (uint32_t)number;
    else if (!strcmp(word, "settled")) run.until_settled = number != 0;
    else if (!strcmp(word, "warm")) run.warm_seconds = number;
    else if (!strcmp(word, "seconds")) run.seconds = number;
    else if (!strcmp(word, "each")) run.each = (uint64_t)number;
    else if (!strcmp(word, "pid")) run.pids[run.pid_count++ & 7] = (int)number;
    else fail("a word of a run that is not known");
  }
  if (!run.senders || !run.recipients || run.body < STAMP_BYTES || run.body > 65536 || (run.spread && run.recipients < 2)) fail("a run without senders");
  if (run.first_sender + run.senders > MAX_CONNECTIONS || run.first_recipient + run.recipients > MAX_CONNECTIONS)
    fail("a run with too many");
  for (uint32_t i = 0; i < run.senders; i++) {
    connections[run.first_sender + i].sent = 0;
    connections[run.first_sender + i].in_flight = 0;
  }
  start_at = now_ns();
  begin_at = start_at + (uint64_t)(run.warm_seconds * 1e9);
  end_at = begin_at + (uint64_t)(run.seconds * 1e9);
  turn = 0;
  running = sending = true;
  measuring = false;
}

static bool all_sent(void) {
  if (!run.each) return false;
  for (uint32_t i = 0; i < run.senders; i++)
    if (connections[run.first_sender + i].sent < run.each) return false;
  return figures_all_in();
}

static void move_on(uint64_t now) {
  if (!running) return;
  if (!measuring && sending && now >= begin_at) {
    figures_begin(now);
    measuring = true;
  }
  if (measuring && sending && (now >= end_at || all_sent())) {
    figures_end(now);
    end_at = now;
    sending = false;
  }
  if (!sending && (figures_all_in() || now >= end_at + LOST_AFTER_NS)) {
    running = false;
    figures_print();
  }
}

/* ---- connections ---- */

void tell_open(struct connection *c) {
  c->ready = protocol != &palmkey;
  printf("open %u\n", c->index);
}

void tell_frame(const struct connection *c, const uint8_t *frame, size_t length) {
  /* Errors about a run's messages are counted, and a line for each would be a load of its own; one of number 0 is about
     the connection. */
  static const uint8_t none[8];
  if (running && frame[1] == 5 && memcmp(frame + 8, none, 8) != 0) return;
  printf("frame %u ", c->index);
  for (size_t i = 0; i < length; i++) printf("%02x", frame[i]);
  putchar('\n');
}

static void watch(struct connection *c, uint32_t events, int how) {
  struct epoll_event event = {.events = events, .data.u32 = c->index};
  if (epoll_ctl(epoll, how, c->fd, &event)) fail("epoll_ctl");
}

static void hang_up(struct connection *c, bool tell) {
  if (c->fd <= 0) return;
  if (c->state == CONNECTING || c->state == GREETING) connecting--;
  close(c->fd);
  c->fd = 0;
  c->state = CLOSED;
  bytes_free(&c->in);
  bytes_free(&c->out);
  bytes_free(&c->inner);
  c->ready = false;
  c->unacked = c->unacked_bytes = 0;
  c->mailed = c->settled = 0;
  if (tell) printf("gone %u\n", c->index);
}

static void dial(uint32_t index) {
  struct connection *c = &connections[index];
  c->index = index;
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (c->fd < 0) fail("no socket: is the limit of open files high enough?");
  int on = 1;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  uint32_t group = index / EACH_ADDRESS;
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f010001u + group)};
  if (bind(c->fd, (struct sockaddr *)&from, sizeof from)) fail("bind");
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(c->fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS) fail("connect");
  c->state = CONNECTING;
  c->wants_write = true;
  connecting++;
  watch(c, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
}

static void dial_some(void) {
  while (to_connect < connect_end && connecting < CONNECTING_AT_ONCE) dial(to_connect++);
}

static void flush_connection(struct connection *c) {
  c->dirty = false;
  size_t at = 0;
  while (at < c->out.length) {
    ssize_t wrote = write(c->fd, c->out.data + at, c->out.length - at);
    if (wrote < 0) {
      if (errno == EAGAIN) break;
      hang_up(c, true);
      return;
    }
    at += (size_t)wrote;
  }
  bytes_drop(&c->out, at);
  bool wants = c->out.length > 0;
  if (wants != c->wants_write) {
    c->wants_write = wants;
    watch(c, EPOLLIN | (wants ? EPOLLOUT : 0), EPOLL_CTL_MOD);
  }
}

static void flush_dirty(void) {
  for (uint32_t i = 0; i < dirty_count; i++) {
    struct connection *c = &connections[dirty[i]];
    if (c->fd > 0 && c->state != CONNECTING) flush_connection(c);
    else c->dirty = false;
  }
  dirty_count = 0;
}

static void read_connection(struct connection *c) {
  static uint8_t buffer[MAX_KEPT + READ_BYTES];
  size_t kept = c->in.length;
  if (kept >= MAX_KEPT) fail("a message larger than any that is sent here");
  if (kept) memcpy(buffer, c->in.data, kept);
  ssize_t got = read(c->fd, buffer + kept, READ_BYTES);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    hang_up(c, true);
    return;
  }
  bool greeting = c->state == GREETING;
  size_t length = kept + (size_t)got;
  size_t done = protocol->take(c, buffer, length);
  if (greeting && c->state != GREETING) connecting--;
  if (c->fd <= 0) return;
  c->in.length = 0;
  bytes_add(&c->in, buffer + done, length - done);
}

static void happened(struct connection *c, uint32_t events) {
  if (c->fd <= 0) return;
  if (c->state == CONNECTING) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) fail(strerror(error));
    c->state = GREETING;
    protocol->greet(c);
    mark_dirty(c);
    return;
  }
  if (events & EPOLLOUT) {
    flush_connection(c);
    if (running && c->fd > 0) send_due(c, now_ns());
  }
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && c->fd > 0) read_connection(c);
}

/* ---- commands ---- */

static size_t from_hex(const char *text, uint8_t *into, size_t room) {
  size_t count = 0;
  unsigned byte;
  for (; count < room && sscanf(text, "%2x", &byte) == 1 && text[0] && text[1]; text += 2) into[count++] = (uint8_t)byte;
  return count;
}

static void obey(char *line) {
  unsigned index, count;
  unsigned long long many;
  int at = 0;
  static uint8_t frame[1024];
  if (sscanf(line, "id %u %n", &index, &at) == 1 && at && index < MAX_CONNECTIONS) {
    connections[index].index = index;
    if (from_hex(line + at, connections[index].id, 16) != 16) fail("an id that is not 16 bytes");
  } else if (sscanf(line, "connect %u %u %d", &index, &count, &port) >= 2 && index + count <= MAX_CONNECTIONS) {
    if (to_connect < connect_end) fail("a connect while another is under way");
    to_connect = index;
    connect_end = index + count;
  } else if (sscanf(line, "send %u %n", &index, &at) == 1 && at && index < MAX_CONNECTIONS) {
    size_t length = from_hex(line + at, frame, sizeof frame);
    if (connections[index].state != OPEN) return;
    websocket_send(&connections[index], 2, frame, length, NULL, 0);
    if (length > 1 && frame[1] == RESUME) connections[index].ready = true;
  } else if (sscanf(line, "close %u", &index) == 1 && index < MAX_CONNECTIONS) {
    hang_up(&connections[index], false);
  } else if (!strncmp(line, "run ", 4)) {
    begin_run(line + 4);
  } else if (sscanf(line, "expect %llu", &many) == 1) {
    expected = many;
  } else if (!strcmp(line, "stop")) {
    end_at = now_ns();
  } else {
    fail("a command that is not known");
  }
}

static void read_commands(void) {
  uint8_t *at = bytes_grow(&commands, 65536);
  ssize_t got = read(STDIN_FILENO, at, 65536);
  if (got <= 0) exit(0);
  commands.length -= 65536 - (size_t)got;
  size_t done = 0;
  for (;;) {
    uint8_t *line = commands.data + done;
    uint8_t *end = memchr(line, '\n', commands.length - done);
    if (!end) break;
    *end = 0;
    obey((char *)line);
    done = (size_t)(end - commands.data) + 1;
  }
  bytes_drop(&commands, done);
}

/* ---- the loop ---- */

/* Every connection is looked at once in 20 ms, a share of them in each turn of the loop. */
static void ack_late(uint64_t now) {
  static uint32_t at;
  static uint64_t looked_at;
  uint64_t share = (now - looked_at) * MAX_CONNECTIONS / 20000000ull;
  if (!share) return;
  looked_at = now;
  if (share > MAX_CONNECTIONS) share = MAX_CONNECTIONS;
  for (; share; share--, at = (at + 1) % MAX_CONNECTIONS) palmkey_ack_late(&connections[at], now);
}

int main(int argc, char **argv) {
  if (argc != 3) fail("usage: generator PROTOCOL PORT");
  for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
    if (!strcmp(protocols[i]->name, argv[1])) protocol = protocols[i];
  if (!protocol) fail("a protocol that is not known");
  port = atoi(argv[2]);
  prctl(PR_SET_TIMERSLACK, 1000);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event command = {.events = EPOLLIN, .data.u32 = MAX_CONNECTIONS};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &command)) fail("standard input must be a pipe");
  for (;;) {
    uint64_t now = now_ns();
    move_on(now);
    uint64_t next = send_all_due(now);
    ack_late(now);
    dial_some();
    flush_dirty();
    fflush(stdout);
    uint64_t wait = running ? 1000000 : 10000000;
    if (next && next <= now) wait = 0;
    else if (next && next - now < wait) wait = next - now;
    struct timespec timeout = {0, (long)wait};
    struct epoll_event events[512];
    int count = epoll_pwait2(epoll, events, 512, &timeout, NULL);
    for (int i = 0; i < count; i++) {
      if (events[i].data.u32 == MAX_CONNECTIONS) read_commands();
      else happened(&connections[events[i].data.u32], events[i].events);
    }
  }
}
