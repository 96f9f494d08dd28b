// What the stress programs have in common: numbers at random that a seed repeats, the clock, and one verdict of all their processes.
#pragma once
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

// In memory that all processes share: whether they are to end, and what the first one that failed said.
struct verdict {
    _Atomic int ends, failed;
    char said[512];
};
static struct verdict *verdict;
static uint64_t state;

static uint64_t mix(uint64_t x) {
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}
static uint64_t any(uint64_t below) { return mix(state += 0x9e3779b97f4a7c15u) % below; }

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

__attribute__((format(printf, 1, 2))) static void fail(const char *format, ...) {
    int expected = 0;
    if (atomic_compare_exchange_strong(&verdict->failed, &expected, 1)) {
        va_list list;
        va_start(list, format);
        vsnprintf(verdict->said, sizeof verdict->said, format, list);
        va_end(list);
    }
    atomic_store(&verdict->ends, 1);
    _exit(1);
}
