/* NATS's client protocol (docs.nats.io, "Client protocol"), bare and inside WebSocket frames. */
#include "generator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BODY 65536

static void hello(char *text, size_t room, const struct connection *c) {
  char id[33];
  for (int i = 0; i < 16; i++) snprintf(id + 2 * i, 3, "%02x", c->id[i]);
  snprintf(text, room, "CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":false}\r\nSUB %s 1\r\nPING\r\n", id);
}

static void greet_bare(struct connection *c) {
  char text[256];
  hello(text, sizeof text, c);
  bytes_add(&c->out, text, strlen(text));
}

static size_t build_pub(uint8_t *into, const struct connection *from, const struct connection *to, uint64_t intended) {
  static const char digits[] = "0123456789abcdef";
  char *at = (char *)into;
  memcpy(at, "PUB ", 4);
  at += 4;
  for (int i = 0; i < 16; i++) {
    *at++ = digits[to->id[i] >> 4];
    *at++ = digits[to->id[i] & 15];
  }
  at += sprintf(at, " %u\r\n", run.body);
  put_stamp((uint8_t *)at, intended, from->index);
  at += run.body;
  *at++ = '\r';
  *at++ = '\n';
  return (size_t)((uint8_t *)at - into);
}

static void send_bare(struct connection *from, const struct connection *to, uint64_t intended) {
  static uint8_t text[MAX_BODY + 128];
  bytes_add(&from->out, text, build_pub(text, from, to, intended));
  mark_dirty(from);
}

static void send_framed(struct connection *from, const struct connection *to, uint64_t intended) {
  static uint8_t text[MAX_BODY + 128];
  websocket_send(from, 2, text, build_pub(text, from, to, intended), NULL, 0);
}

static void pong_bare(struct connection *c) {
  bytes_add(&c->out, "PONG\r\n", 6);
  mark_dirty(c);
}

static void pong_framed(struct connection *c) {
  websocket_send(c, 2, "PONG\r\n", 6, NULL, 0);
}

/* Takes whole lines, and with MSG their payload. */
static size_t take_lines(struct connection *c, const uint8_t *data, size_t length, void (*pong)(struct connection *)) {
  size_t done = 0;
  while (done < length) {
    const uint8_t *line = data + done;
    const uint8_t *end = memchr(line, '\n', length - done);
    if (!end) break;
    size_t line_length = (size_t)(end - line) + 1;
    if (memcmp(line, "MSG ", 4) == 0) {
      const uint8_t *count = end - 1;
      while (count[-1] != ' ') count--;
      size_t payload = (size_t)strtoul((const char *)count, NULL, 10) + 2;
      if (length - done < line_length + payload) break;
      delivered(end + 1);
      line_length += payload;
    } else if (line_length >= 4 && memcmp(line, "PING", 4) == 0) {
      pong(c);
    } else if (line_length >= 4 && memcmp(line, "PONG", 4) == 0) {
      tell_open(c);
    } else if (line[0] == '-') {
      fprintf(stderr, "%.*s", (int)line_length, (const char *)line);
      fail("NATS refused");
    }
    done += line_length;
  }
  return done;
}

static size_t take_bare(struct connection *c, const uint8_t *data, size_t length) {
  c->state = OPEN;
  return take_lines(c, data, length, pong_bare);
}

static void greet_framed(struct connection *c) {
  websocket_greet(c, "/");
}

static void inside(struct connection *c, const uint8_t *data, size_t length) {
  if (!c->inner.length) {
    size_t done = take_lines(c, data, length, pong_framed);
    bytes_add(&c->inner, data + done, length - done);
    return;
  }
  bytes_add(&c->inner, data, length);
  bytes_drop(&c->inner, take_lines(c, c->inner.data, c->inner.length, pong_framed));
}

static size_t take_framed(struct connection *c, const uint8_t *data, size_t length) {
  bool greeted = c->state != GREETING;
  size_t done = websocket_take(c, data, length, inside);
  if (!greeted && c->state == OPEN) {
    char text[256];
    hello(text, sizeof text, c);
    websocket_send(c, 2, text, strlen(text), NULL, 0);
  }
  return done;
}

const struct protocol nats = {"nats", greet_bare, take_bare, send_bare};
const struct protocol nats_websocket = {"nats-websocket", greet_framed, take_framed, send_framed};
