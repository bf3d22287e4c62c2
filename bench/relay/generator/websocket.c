/* WebSocket (RFC 6455) as a client speaks it: every frame masked with a key of its own, control frames answered. */
#include "generator.h"

#include <stdio.h>
#include <string.h>

static uint32_t next_mask(void) {
  static uint32_t state = 0x9e3779b9;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

void websocket_greet(struct connection *c, const char *path) {
  char text[512];
  int length = snprintf(text, sizeof text,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: cGFsbWtleWdlbmVyYXRvcg==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                        path);
  bytes_add(&c->out, text, (size_t)length);
}

void websocket_send(struct connection *c, uint8_t opcode, const void *head, size_t head_length, const void *body,
                    size_t body_length) {
  size_t length = head_length + body_length;
  size_t header = length < 126 ? 6 : length < 65536 ? 8 : 14;
  uint8_t *at = bytes_grow(&c->out, header + length);
  at[0] = 0x80 | opcode;
  if (length < 126) {
    at[1] = 0x80 | (uint8_t)length;
  } else if (length < 65536) {
    at[1] = 0x80 | 126;
    at[2] = (uint8_t)(length >> 8);
    at[3] = (uint8_t)length;
  } else {
    at[1] = 0x80 | 127;
    for (int i = 0; i < 8; i++) at[2 + i] = (uint8_t)((uint64_t)length >> (56 - 8 * i));
  }
  uint32_t mask = next_mask();
  memcpy(at + header - 4, &mask, 4);
  uint8_t *payload = at + header;
  if (head_length) memcpy(payload, head, head_length);
  if (body_length) memcpy(payload + head_length, body, body_length);
  uint64_t wide = (uint64_t)mask << 32 | mask;
  size_t i = 0;
  for (; i + 8 <= length; i += 8) {
    uint64_t word;
    memcpy(&word, payload + i, 8);
    word ^= wide;
    memcpy(payload + i, &word, 8);
  }
  const uint8_t *key = at + header - 4;
  for (; i < length; i++) payload[i] ^= key[i & 3];
  mark_dirty(c);
}

/* The end of the HTTP answer, once all of it is there; 0 before. */
static size_t take_answer(struct connection *c, const uint8_t *data, size_t length) {
  const uint8_t *end = memmem(data, length, "\r\n\r\n", 4);
  if (!end) return 0;
  if (length < 12 || memcmp(data, "HTTP/1.1 101", 12) != 0) {
    fprintf(stderr, "%.*s\n", (int)(length < 200 ? length : 200), (const char *)data);
    fail("the server refused a WebSocket");
  }
  c->state = OPEN;
  return (size_t)(end - data) + 4;
}

size_t websocket_take(struct connection *c, const uint8_t *data, size_t length,
                      void (*message)(struct connection *c, const uint8_t *data, size_t length)) {
  size_t done = 0;
  if (c->state == GREETING) {
    done = take_answer(c, data, length);
    if (!done) return 0;
  }
  while (length - done >= 2 && c->state == OPEN) {
    const uint8_t *at = data + done;
    size_t left = length - done, header = 2, payload = at[1] & 0x7f;
    if (payload == 126) {
      if (left < 4) break;
      header = 4;
      payload = (size_t)at[2] << 8 | at[3];
    } else if (payload == 127) {
      if (left < 10) break;
      header = 10;
      payload = 0;
      for (int i = 0; i < 8; i++) payload = payload << 8 | at[2 + i];
    }
    if (left < header + payload) break;
    switch (at[0]) {
      case 0x82: message(c, at + header, payload); break;
      case 0x89: websocket_send(c, 0xa, at + header, payload, NULL, 0); break;
      case 0x8a: break;
      case 0x88: c->state = CLOSED; break;
      default: fail("a WebSocket frame that no server here sends");
    }
    done += header + payload;
  }
  return done;
}
