/* The parts of the load generator: buffers, connections, the protocols that they speak, and one run's figures. */
#ifndef GENERATOR_H
#define GENERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing row of bytes. */
struct bytes {
  uint8_t *data;
  size_t length, room;
};

void bytes_add(struct bytes *to, const void *data, size_t length);
/* Room for so many more, which the caller fills; the length is grown already. */
uint8_t *bytes_grow(struct bytes *to, size_t length);
/* Drops what stands before `count`. */
void bytes_drop(struct bytes *from, size_t count);
void bytes_free(struct bytes *of);

enum state { CLOSED, CONNECTING, GREETING, OPEN };

struct connection {
  int fd;
  uint32_t index;
  enum state state;
  bool dirty, wants_write;
  /* It may send messages: Palmkey's once it has said that it reads its mail, others once they are open. */
  bool ready;
  uint8_t id[16];
  /* What came and is not whole yet, what is to be sent, and (NATS over WebSocket) what came inside frames. */
  struct bytes in, out, inner;
  /* As a sender in a run: how many messages it has sent, and how many of those are on their way. */
  uint64_t sent;
  uint32_t in_flight;
  /* As a reader of mail: the last delivery, how many are not acked, of how many bytes, since when. */
  uint64_t last_delivery;
  uint32_t unacked, unacked_bytes;
  uint64_t unacked_since;
  /* Palmkey's acks of what it sent: mail of all runs so far, how much of it is settled, when each was sent. */
  uint64_t mailed, settled;
  uint64_t *sent_at;
};

/* How one server is spoken to. */
struct protocol {
  const char *name;
  /* Bytes that a new connection says first. */
  void (*greet)(struct connection *c);
  /* Takes bytes that came; returns how many it is done with. The rest comes again with more. */
  size_t (*take)(struct connection *c, const uint8_t *data, size_t length);
  /* Appends one message to what is to be sent. */
  void (*send)(struct connection *from, const struct connection *to, uint64_t intended);
};

extern const struct protocol palmkey, forwarder, nats, nats_websocket, mqtt;
extern const struct protocol *protocol;

/* What a run is asked for. */
struct run {
  uint32_t first_sender, senders, first_recipient, recipients;
  /* Each message goes to any but its sender; else the recipient of sender i is always i + shift. */
  bool spread;
  uint32_t shift;
  /* Messages a second, all senders together; 0: each sends as soon as its window allows. */
  double rate;
  /* The most messages of one sender that are on their way. */
  uint32_t window;
  /* Each message is delivered so many times. */
  uint32_t fanout;
  /* Palmkey's frame: type, durable or not, lifetime; and the bytes of every message's body. */
  uint8_t type, durable;
  uint32_t lifetime;
  uint32_t body;
  /* A message is on its way until it is settled, not until it is delivered. */
  bool until_settled;
  double warm_seconds, seconds;
  /* 0, or how many messages each sender sends at most. */
  uint64_t each;
  int pids[8];
  int pid_count;
};

extern struct run run;
extern bool running;

/* ns, monotonic. */
uint64_t now_ns(void);
/* The connection of an index; NULL beyond the last. */
struct connection *connection_at(uint32_t index);

/* A message's body begins with these 12 bytes; the rest is filler. */
#define STAMP_BYTES 12
void put_stamp(uint8_t *body, uint64_t intended, uint32_t sender);
/* A message has come: counts it, and lets its sender send the next. */
void delivered(const uint8_t *body);
/* The server took charge of a sender's message (mail), or refused it. */
void settled(struct connection *sender, uint64_t sent_at);
void refused(struct connection *sender, unsigned code);
void stored(void);
/* Frames between a server and one connection alone, told to whoever drives the generator. */
void tell_frame(const struct connection *c, const uint8_t *frame, size_t length);
/* The connection can send messages from now on. */
void tell_open(struct connection *c);
void mark_dirty(struct connection *c);
/* Ends the program with a word on standard error. */
void fail(const char *what) __attribute__((noreturn));

/* websocket.c: RFC 6455 as a client speaks it. */
void websocket_greet(struct connection *c, const char *path);
void websocket_send(struct connection *c, uint8_t opcode, const void *head, size_t head_length, const void *body, size_t body_length);
/* Takes whole frames, calls `message` for each binary one, answers pings; the HTTP answer first. */
size_t websocket_take(struct connection *c, const uint8_t *data, size_t length,
                      void (*message)(struct connection *c, const uint8_t *data, size_t length));
/* Acks mail that has waited 100 ms for its ack. */
void palmkey_ack_late(struct connection *c, uint64_t now);

/* figures.c: what a run measures. */
void figures_begin(uint64_t at);
void figures_end(uint64_t at);
void figure_delivered(uint64_t intended, uint64_t now);
void figure_settled(uint64_t sent_at, uint64_t now);
void figure_refused(unsigned code);
void figure_stored(void);
void figure_sent(uint64_t intended);
/* Whether all that was sent has arrived (or was refused). */
bool figures_all_in(void);
void figures_print(void);

#endif
