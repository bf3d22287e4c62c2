/* Palmkey's frames (spec/envelope.md) over WebSocket, and a bare forwarder's frames of the same shape. */
#include "generator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES 40
#define MAX_BODY 65536
enum { UNICAST = 1, BROADCAST = 2, ACK = 3, PRESENCE = 4, ERROR = 5, STORED = 6 };
/* As Palmkey's own client does it: an ack after 64 deliveries, or 256 KiB of them, or 500 ms; and with a message, once
   it has waited for 100 ms. */
#define ACK_EVERY 64
#define ACK_EVERY_BYTES (256 * 1024)
#define ACK_WITHIN_NS 500000000ull
#define ACK_ALONG_AFTER_NS 100000000ull
#define RING 4096

static uint64_t read_u64(const uint8_t *at) {
  uint64_t value = 0;
  for (int i = 0; i < 8; i++) value = value << 8 | at[i];
  return value;
}

static void write_u64(uint8_t *at, uint64_t value) {
  for (int i = 7; i >= 0; i--, value >>= 8) at[i] = (uint8_t)value;
}

static void greet_palmkey(struct connection *c) {
  websocket_greet(c, "/v1/socket");
}

static void greet_forwarder(struct connection *c) {
  char path[40] = "/";
  for (int i = 0; i < 16; i++) snprintf(path + 1 + 2 * i, 3, "%02x", c->id[i]);
  websocket_greet(c, path);
}

static void ack(struct connection *c) {
  uint8_t frame[HEADER_BYTES] = {1, ACK};
  write_u64(frame + 8, c->last_delivery);
  websocket_send(c, 2, frame, sizeof frame, NULL, 0);
  c->unacked = 0;
  c->unacked_bytes = 0;
}

void palmkey_ack_late(struct connection *c, uint64_t now) {
  if (c->unacked && now - c->unacked_since >= ACK_WITHIN_NS && c->state == OPEN) ack(c);
}

static void send_frame(struct connection *from, const struct connection *to, uint64_t intended) {
  if (from->unacked && now_ns() - from->unacked_since >= ACK_ALONG_AFTER_NS) ack(from);
  static uint8_t frame[HEADER_BYTES + MAX_BODY];
  frame[0] = 1;
  frame[1] = run.type;
  frame[3] = run.durable;
  frame[4] = (uint8_t)(run.lifetime >> 24);
  frame[5] = (uint8_t)(run.lifetime >> 16);
  frame[6] = (uint8_t)(run.lifetime >> 8);
  frame[7] = (uint8_t)run.lifetime;
  if (run.lifetime) {
    if (!from->sent_at) from->sent_at = calloc(RING, sizeof *from->sent_at);
    if (!from->sent_at) fail("out of memory");
    from->sent_at[++from->mailed % RING] = intended;
  }
  /* Of durable mail the number is what makes it one: never the same twice. */
  write_u64(frame + 8, run.lifetime ? from->mailed : from->sent + 1);
  if (run.type == BROADCAST) memset(frame + 16, 0, 16);
  else memcpy(frame + 16, to->id, 16);
  put_stamp(frame + HEADER_BYTES, intended, from->index);
  websocket_send(from, 2, frame, HEADER_BYTES + run.body, NULL, 0);
}

static void take_frame(struct connection *c, const uint8_t *frame, size_t length) {
  if (length < HEADER_BYTES) fail("a frame cut short");
  switch (frame[1]) {
    case UNICAST:
    case BROADCAST: {
      delivered(frame + HEADER_BYTES);
      uint64_t delivery = read_u64(frame + 32);
      if (!delivery) return;
      c->last_delivery = delivery;
      if (c->unacked++ == 0) c->unacked_since = now_ns();
      c->unacked_bytes += (uint32_t)length;
      if (c->unacked >= ACK_EVERY || c->unacked_bytes >= ACK_EVERY_BYTES) ack(c);
      return;
    }
    case ACK:
      for (uint64_t upto = read_u64(frame + 8); c->settled < upto;) {
        c->settled++;
        settled(c, c->sent_at ? c->sent_at[c->settled % RING] : 0);
      }
      return;
    case ERROR:
      if (length >= HEADER_BYTES + 2 && running) refused(c, (unsigned)frame[HEADER_BYTES] << 8 | frame[HEADER_BYTES + 1]);
      tell_frame(c, frame, length);
      return;
    case STORED: stored(); return;
    case PRESENCE: return;
    default: tell_frame(c, frame, length);
  }
}

static void forwarded(struct connection *c, const uint8_t *frame, size_t length) {
  (void)c;
  if (length < HEADER_BYTES + STAMP_BYTES) fail("a frame cut short");
  delivered(frame + HEADER_BYTES);
}

static size_t take(struct connection *c, const uint8_t *data, size_t length,
                   void (*message)(struct connection *c, const uint8_t *data, size_t length)) {
  bool greeting = c->state == GREETING;
  size_t done = websocket_take(c, data, length, message);
  if (greeting && c->state == OPEN) tell_open(c);
  return done;
}

static size_t take_palmkey(struct connection *c, const uint8_t *data, size_t length) {
  return take(c, data, length, take_frame);
}

static size_t take_forwarder(struct connection *c, const uint8_t *data, size_t length) {
  return take(c, data, length, forwarded);
}

const struct protocol palmkey = {"palmkey", greet_palmkey, take_palmkey, send_frame};
const struct protocol forwarder = {"forwarder", greet_forwarder, take_forwarder, send_frame};
