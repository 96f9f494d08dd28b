// flood SOURCE MOUNT SECONDS READERS make|read: many files, sparse and dense, far more than may be staged at a time, opened, read
// and mapped by many readers at once. Every byte is a function of its file and offset, or zero in a hole; each is checked that is read. A
// reader that gets nowhere for a minute is stalled.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "stress.h"

enum { MIB = 1 << 20, PIECE = 2 * MIB, DENSE = 14, SPARSE = 120, WIDE = 2, FILES = DENSE + SPARSE + WIDE, MOST_READERS = 64 };

static struct shared {
    _Atomic uint64_t steps[MOST_READERS], bytes, opens, slowest;
    struct verdict verdict;
} *all;

/// Bytes of a file: dense ones have 80 MiB, sparse ones 200 or 600 MiB, wide ones 3 GiB; all with a ragged end.
static size_t size_of(int file) {
    if (file < DENSE) return (size_t)80 * MIB + (size_t)file * 1000;
    if (file < DENSE + SPARSE) return (size_t)(file % 2 ? 200 : 600) * MIB + (size_t)file * 1000;
    return (size_t)3072 * MIB + 5;
}

/// Whether a piece of 2 MiB has data.
static int has_data(int file, size_t piece) {
    if (file < DENSE || piece == 0) return 1;
    return mix((uint64_t)file * 100003 + piece) % (file < DENSE + SPARSE ? 32 : 256) == 0;
}

static uint64_t word(int file, size_t offset) {
    return has_data(file, offset / PIECE) ? mix((uint64_t)file << 40 | offset / 8) | 1 : 0;
}

static void path(char *text, const char *root, int file) { snprintf(text, 4096, "%s/file%03d", root, file); }

static void make(const char *root) {
    static uint64_t bytes[PIECE / 8];
    size_t nominal = 0, data = 0;
    for (int file = 0; file < FILES; file++) {
        char name[4096];
        path(name, root, file);
        int descriptor = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (descriptor < 0 || ftruncate(descriptor, (off_t)size_of(file))) perror(name), exit(1);
        for (size_t at = 0; at < size_of(file); at += PIECE) {
            if (!has_data(file, at / PIECE)) continue;
            size_t count = size_of(file) - at < PIECE ? size_of(file) - at : PIECE;
            for (size_t i = 0; i < (count + 7) / 8; i++) bytes[i] = word(file, at + i * 8);
            if (pwrite(descriptor, bytes, count, (off_t)at) != (ssize_t)count) perror(name), exit(1);
            data += count;
        }
        close(descriptor);
        nominal += size_of(file);
    }
    printf("%d files of %.1f GiB, %.1f GiB of them data\n", FILES, (double)nominal / (1 << 30), (double)data / (1 << 30));
}

static void check(int file, size_t offset, const void *bytes, size_t count, const char *how) {
    for (size_t i = 0; i + 8 <= count; i += 8) {
        uint64_t found, wanted = word(file, offset + i);
        memcpy(&found, (const char *)bytes + i, 8);
        if (found != wanted) fail("file %d at %zu is %lx by %s, wanted %lx", file, offset + i, found, how, wanted);
    }
    atomic_fetch_add(&all->bytes, count);
}

static void reader(const char *root, int self) {
    static char buffer[256 << 10];
    while (!atomic_load(&verdict->ends)) {
        // Some files are opened far more often than others.
        int file = (int)(any(3) ? any(FILES / 6) * 6 : any(FILES)) % FILES;
        char name[4096];
        path(name, root, file);
        double began = now();
        int descriptor = open(name, O_RDONLY | O_CLOEXEC);
        if (descriptor < 0) fail("open %s: %s", name, strerror(errno));
        uint64_t took = (uint64_t)((now() - began) * 1e6), slowest = atomic_load(&all->slowest);
        while (took > slowest && !atomic_compare_exchange_weak(&all->slowest, &slowest, took)) {}
        atomic_fetch_add(&all->opens, 1);
        atomic_fetch_add(&all->steps[self], 1);
        size_t size = size_of(file);
        char *memory = NULL;
        if (any(2)) {
            memory = mmap(NULL, size, PROT_READ, MAP_SHARED, descriptor, 0);
            if (memory == MAP_FAILED) fail("mmap %s: %s", name, strerror(errno));
        }
        int scans = any(16) == 0;
        for (int i = 0; i < (scans ? 400 : 60) && !atomic_load(&verdict->ends); i++) {
            size_t at = (scans ? (size_t)i * PIECE % size : any(size)) & ~(size_t)4095;
            size_t count = size - at < sizeof buffer ? size - at : sizeof buffer;
            if (memory) {
                count = count < 16384 ? count : 16384;
                check(file, at, memory + at, count, "a mapping");
            } else {
                if (pread(descriptor, buffer, count, (off_t)at) != (ssize_t)count) fail("pread %s at %zu: %s", name, at, strerror(errno));
                check(file, at, buffer, count, "pread");
            }
            atomic_fetch_add(&all->steps[self], 1);
        }
        // Half of the mappings live on when their files are closed.
        close(descriptor);
        if (memory && any(2)) check(file, 0, memory, 16384, "a mapping of a closed file");
        if (memory) munmap(memory, size);
    }
}

int main(int count, char **words) {
    if (count != 6) return fputs("usage: flood SOURCE MOUNT SECONDS READERS make|read\n", stderr), 2;
    if (words[5][0] == 'm') return make(words[1]), 0;
    double end = now() + atof(words[3]);
    int readers = atoi(words[4]);
    if (readers < 1 || readers > MOST_READERS) return fputs("flood: 1 to 64 readers\n", stderr), 2;
    all = mmap(NULL, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) return perror("mmap"), 1;
    verdict = &all->verdict;
    pid_t processes[MOST_READERS];
    for (int i = 0; i < readers; i++) {
        processes[i] = fork();
        if (processes[i] == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            state = mix((uint64_t)i + 1);
            reader(words[2], i);
            _exit(0);
        }
    }
    uint64_t before[MOST_READERS] = {0};
    double moved[MOST_READERS], longest = 0;
    for (int i = 0; i < readers; i++) moved[i] = now();
    while (now() < end && !atomic_load(&verdict->ends)) {
        for (int i = 0; i < readers; i++) {
            uint64_t steps = atomic_load(&all->steps[i]);
            if (steps != before[i]) before[i] = steps, moved[i] = now();
            if (now() - moved[i] > longest) longest = now() - moved[i];
        }
        if (longest > 60) {
            snprintf(verdict->said, sizeof verdict->said, "a reader got nowhere for a minute");
            atomic_store(&verdict->failed, 1);
            atomic_store(&verdict->ends, 1);
        }
        poll(NULL, 0, 50);
    }
    atomic_store(&verdict->ends, 1);
    int bad = 0;
    end = now() + 20;
    for (int i = 0; i < readers; i++) {
        int status = 0;
        while (waitpid(processes[i], &status, WNOHANG) == 0) {
            if (now() > end) kill(processes[i], SIGKILL);
            poll(NULL, 0, 5);
        }
        if (status && !verdict->failed) printf("reader %d ended with status %d\n", i, status);
        if (status) bad = 1;
    }
    printf("%.1f GiB checked, %lu opens, the slowest %.3f s, the longest step %.3f s\n", (double)all->bytes / (1 << 30), all->opens,
           (double)all->slowest / 1e6, longest);
    if (verdict->failed) printf("%s\n", verdict->said);
    return bad || verdict->failed;
}
