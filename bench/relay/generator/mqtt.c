/* MQTT 3.1.1 (OASIS), QoS 0. */
#include "generator.h"

#include <stdio.h>
#include <string.h>

#define TOPIC_BYTES 32
#define MAX_BODY 65536

static void topic_of(const struct connection *c, uint8_t *into) {
  static const char digits[] = "0123456789abcdef";
  for (int i = 0; i < 16; i++) {
    *into++ = (uint8_t)digits[c->id[i] >> 4];
    *into++ = (uint8_t)digits[c->id[i] & 15];
  }
}

static void greet(struct connection *c) {
  /* CONNECT with a clean session and no keep-alive, the id as its name; then SUBSCRIBE to the id. */
  uint8_t connect[14 + TOPIC_BYTES] = {0x10, 12 + TOPIC_BYTES, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, TOPIC_BYTES};
  topic_of(c, connect + 14);
  bytes_add(&c->out, connect, sizeof connect);
  uint8_t subscribe[7 + TOPIC_BYTES] = {0x82, 5 + TOPIC_BYTES, 0, 1, 0, TOPIC_BYTES};
  topic_of(c, subscribe + 6);
  bytes_add(&c->out, subscribe, sizeof subscribe);
}

static void send_publish(struct connection *from, const struct connection *to, uint64_t intended) {
  static uint8_t packet[MAX_BODY + 64];
  size_t rest = 2 + TOPIC_BYTES + run.body;
  uint8_t *at = packet;
  *at++ = 0x30;
  do {
    *at++ = (uint8_t)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>= 7;
  } while (rest);
  *at++ = 0;
  *at++ = TOPIC_BYTES;
  topic_of(to, at);
  at += TOPIC_BYTES;
  put_stamp(at, intended, from->index);
  bytes_add(&from->out, packet, (size_t)(at + run.body - packet));
  mark_dirty(from);
}

static size_t take(struct connection *c, const uint8_t *data, size_t length) {
  size_t done = 0;
  c->state = OPEN;
  for (;;) {
    const uint8_t *at = data + done;
    size_t left = length - done, rest = 0, header = 1;
    unsigned shift = 0;
    bool whole = false;
    while (header < left && header < 5) {
      uint8_t byte = at[header++];
      rest |= (size_t)(byte & 0x7f) << shift;
      shift += 7;
      if (!(byte & 0x80)) {
        whole = true;
        break;
      }
    }
    if (!whole || left < header + rest) return done;
    switch (at[0] >> 4) {
      case 2:
        if (at[header + 1] != 0) fail("the MQTT broker refused");
        break;
      case 3: delivered(at + header + 2 + ((size_t)at[header] << 8 | at[header + 1])); break;
      case 9: tell_open(c); break;
      default: fail("an MQTT packet that no broker here sends");
    }
    done += header + rest;
  }
}

const struct protocol mqtt = {"mqtt", greet, take, send_publish};
