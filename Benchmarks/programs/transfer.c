// transfer FILE read|write|map sequential|random THREADS BLOCK BYTES SECONDS: each pass opens FILE in every thread, moves BYTES
// in all in pieces of BLOCK and closes it; passes follow until SECONDS have gone by, two at least. Prints seconds for each GiB.
//
// Sequential: each thread has a part of the file of its own. Random: each moves whole blocks anywhere in the file.
// map: the part is mapped and one byte of each BLOCK is read.
#define _GNU_SOURCE
#include "clock.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path;
static bool writes, maps, random_order;
static long threads;
static size_t block, bytes, size;

struct work {
    pthread_t thread;
    long index;
    char *buffer;
    uint64_t state;
};

static uint64_t next(struct work *work) { // xorshift64
    work->state ^= work->state << 13;
    work->state ^= work->state >> 7;
    return work->state ^= work->state << 17;
}

static void *pass(void *argument) {
    struct work *work = argument;
    size_t share = bytes / (size_t)threads;
    size_t first = random_order ? 0 : share * (size_t)work->index;
    int file = open(path, writes ? O_WRONLY : O_RDONLY);
    if (file < 0) fail("open", path);
    if (maps) {
        size_t length = random_order ? size : share;
        volatile const char *mapping = mmap(NULL, length, PROT_READ, MAP_SHARED, file, (off_t)first);
        if (mapping == MAP_FAILED) fail("mmap", path);
        for (size_t done = 0; done < share; done += block)
            (void)mapping[random_order ? next(work) % (length / block) * block : done];
        munmap((void *)mapping, length);
    } else {
        for (size_t done = 0; done < share; done += block) {
            off_t offset = (off_t)(random_order ? next(work) % (size / block) * block : first + done);
            ssize_t moved = writes ? pwrite(file, work->buffer, block, offset) : pread(file, work->buffer, block, offset);
            if (moved != (ssize_t)block) fail(writes ? "write" : "read", path);
        }
    }
    if (close(file)) fail("close", path);
    return NULL;
}

int main(int count, char **words) {
    if (count != 8) return 2;
    path = words[1];
    writes = !strcmp(words[2], "write");
    maps = !strcmp(words[2], "map");
    random_order = !strcmp(words[3], "random");
    threads = atol(words[4]);
    block = strtoul(words[5], NULL, 10);
    bytes = strtoul(words[6], NULL, 10);
    double limit = atof(words[7]);
    struct stat status;
    if (stat(path, &status)) fail("stat", path);
    size = (size_t)status.st_size;
    struct work *works = calloc((size_t)threads, sizeof *works);
    for (long index = 0; index < threads; index++) {
        works[index].index = index;
        works[index].state = 0x9e3779b97f4a7c15u + (uint64_t)index;
        works[index].buffer = aligned_alloc(4096, block);
        memset(works[index].buffer, 1, block);
    }
    size_t moved = 0;
    int passes = 0;
    double start = now(), elapsed = 0;
    while (passes < 2 || elapsed < limit) {
        if (threads == 1) {
            pass(&works[0]);
        } else {
            for (long index = 0; index < threads; index++)
                if (pthread_create(&works[index].thread, NULL, pass, &works[index])) fail("start", "a thread");
            for (long index = 0; index < threads; index++) pthread_join(works[index].thread, NULL);
        }
        passes++;
        moved += bytes;
        elapsed = now() - start;
    }
    printf("%.9f\n", elapsed / (double)moved * (double)(1 << 30));
}
