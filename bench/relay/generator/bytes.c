#include "generator.h"

#include <stdlib.h>
#include <string.h>

uint8_t *bytes_grow(struct bytes *to, size_t length) {
  size_t needed = to->length + length;
  if (needed > to->room) {
    size_t room = to->room ? to->room : 2048;
    while (room < needed) room *= 2;
    to->data = realloc(to->data, room);
    if (!to->data) fail("out of memory");
    to->room = room;
  }
  uint8_t *at = to->data + to->length;
  to->length = needed;
  return at;
}

void bytes_add(struct bytes *to, const void *data, size_t length) {
  if (length) memcpy(bytes_grow(to, length), data, length);
}

void bytes_drop(struct bytes *from, size_t count) {
  from->length -= count;
  if (from->length) memmove(from->data, from->data + count, from->length);
}

void bytes_free(struct bytes *of) {
  free(of->data);
  memset(of, 0, sizeof *of);
}
