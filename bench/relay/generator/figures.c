/* What a run measures: counts, latencies in a histogram, and the server's processor time from /proc. */
#include "generator.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* 32 buckets for each power of two: no figure is off by more than 3 %. */
#define SUB 32
#define BUCKETS (60 * SUB)

struct histogram {
  uint64_t counts[BUCKETS];
  uint64_t total, most;
};

static struct histogram delivery, settlement;
static uint64_t begin_at, end_at;
static uint64_t sent_all, in_all, refused_all;
static uint64_t sent_within, delivered_within, settled_within, stored_count;
static uint64_t refusals[64];
static double server_begin, server_used, own_begin, own_used;

static unsigned bucket_of(uint64_t ns) {
  if (ns < SUB) return (unsigned)ns;
  unsigned shift = 63 - (unsigned)__builtin_clzll(ns) - 5;
  unsigned at = (shift + 1) * SUB + (unsigned)((ns >> shift) - SUB);
  return at < BUCKETS ? at : BUCKETS - 1;
}

static uint64_t value_of(unsigned bucket) {
  if (bucket < SUB) return bucket;
  unsigned shift = bucket / SUB - 1;
  return ((uint64_t)(bucket % SUB) + SUB) << shift;
}

static void add(struct histogram *h, uint64_t ns) {
  h->counts[bucket_of(ns)]++;
  h->total++;
  if (ns > h->most) h->most = ns;
}

static double ms_at(const struct histogram *h, double share) {
  uint64_t wanted = (uint64_t)(share * (double)h->total), seen = 0;
  if (wanted >= h->total && h->total) wanted = h->total - 1;
  for (unsigned i = 0; i < BUCKETS; i++) {
    seen += h->counts[i];
    if (seen > wanted) return (double)value_of(i) / 1e6;
  }
  return 0;
}

/* utime + stime of the run's processes, all their threads, seconds. */
static double server_seconds(void) {
  double ticks = 0;
  for (int i = 0; i < run.pid_count; i++) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", run.pids[i]);
    FILE *file = fopen(path, "r");
    if (!file) continue;
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = 0;
    const char *after = strrchr(text, ')');
    unsigned long user = 0, system = 0;
    if (after) sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    ticks += (double)(user + system);
  }
  return ticks / (double)sysconf(_SC_CLK_TCK);
}

static double own_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void figures_begin(uint64_t at) {
  /* What was sent while the server warmed up is still owed; what was measured is not of interest any more. */
  memset(&delivery, 0, sizeof delivery);
  memset(&settlement, 0, sizeof settlement);
  memset(refusals, 0, sizeof refusals);
  sent_within = delivered_within = settled_within = stored_count = 0;
  begin_at = at;
  end_at = 0;
  server_begin = server_seconds();
  own_begin = own_seconds();
}

void figures_end(uint64_t at) {
  end_at = at;
  server_used = server_seconds() - server_begin;
  own_used = own_seconds() - own_begin;
}

void figure_sent(uint64_t intended) {
  sent_all += run.until_settled ? 1 : run.fanout;
  if (begin_at && intended >= begin_at && !end_at) sent_within++;
}

void figure_delivered(uint64_t intended, uint64_t now) {
  if (!run.until_settled) in_all++;
  if (!end_at) delivered_within++;
  if (intended >= begin_at) add(&delivery, now > intended ? now - intended : 0);
}

void figure_settled(uint64_t sent_at, uint64_t now) {
  if (run.until_settled) in_all++;
  if (!end_at) settled_within++;
  if (sent_at >= begin_at) add(&settlement, now - sent_at);
}

void figure_refused(unsigned code) {
  refusals[code & 63]++;
  refused_all++;
  if (!run.until_settled) in_all += run.fanout;
}

void figure_stored(void) {
  stored_count++;
}

bool figures_all_in(void) {
  return in_all >= sent_all;
}

static void print_histogram(const char *name, const struct histogram *h) {
  printf(",\"%s\":{\"count\":%llu,\"p50\":%.4f,\"p99\":%.4f,\"p999\":%.4f,\"most\":%.4f}", name,
         (unsigned long long)h->total, ms_at(h, 0.5), ms_at(h, 0.99), ms_at(h, 0.999), (double)h->most / 1e6);
}

void figures_print(void) {
  double seconds = (double)(end_at - begin_at) / 1e9;
  uint64_t lost = in_all < sent_all ? sent_all - in_all : 0;
  printf("result {\"seconds\":%.4f,\"sent\":%llu,\"delivered\":%llu,\"settled\":%llu,\"stored\":%llu,\"lost\":%llu", seconds,
         (unsigned long long)sent_within, (unsigned long long)delivered_within, (unsigned long long)settled_within,
         (unsigned long long)stored_count, (unsigned long long)(lost + refused_all));
  printf(",\"serverSeconds\":%.4f,\"ownSeconds\":%.4f", server_used, own_used);
  print_histogram("delivery", &delivery);
  print_histogram("settlement", &settlement);
  printf(",\"refusals\":{");
  for (unsigned i = 0, first = 1; i < 64; i++) {
    if (!refusals[i]) continue;
    printf("%s\"%u\":%llu", first ? "" : ",", i, (unsigned long long)refusals[i]);
    first = 0;
  }
  printf("}}\n");
  fflush(stdout);
  sent_all = in_all = refused_all = 0;
  begin_at = 0;
}
