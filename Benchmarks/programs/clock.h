// Seconds of the monotonic clock, and the end of a program that a system call failed.
#ifndef FOLIO_BENCHMARK_CLOCK_H
#define FOLIO_BENCHMARK_CLOCK_H
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/// Says what failed, on what and why, in one line, and ends with 1.
static inline void fail(const char *what, const char *on) {
    fprintf(stderr, "%s %s: %s\n", what, on, strerrorname_np(errno));
    exit(1);
}
#endif
