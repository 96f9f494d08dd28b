// races SOURCE VIEW SECONDS SEED: collapse, fault, load, read, write, truncate, punch, reclaim, migration and remount of one file at once.
//
// Every word of the file is a function of its place. SOURCE/file is made, and VIEW/file is the same file, by another path or the
// same one. The first half is only ever written with what it holds: it must read so at every moment. The second half is cut off and
// punched too: a word of it is its own or zero; what is neither, and was seen while others cut and wrote, is counted and the first
// such told, and at the end, when nobody writes, it is judged. Children die with their parent; what the kernel refuses is counted.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "stress.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

enum { PAGE = 4096, WORDS = PAGE / 8, CHUNK = 2 << 20, SIZE = 4 * CHUNK, STABLE = 2 * CHUNK };

static struct shared {
    _Atomic uint64_t collapses, collapsed, faults, reads, writes, shapes, reclaims, migrations, remounts, pages, strange;
    char first[256];
    struct verdict verdict;
} *all;

static const char *source, *view;
static double end;
static sigjmp_buf beyond;

static int at_rest;
static int going(void) { return now() < end && !verdict->failed; }

static int file(const char *directory, int flags) {
    char path[4096];
    snprintf(path, sizeof path, "%s/file", directory);
    int descriptor = open(path, flags | O_CLOEXEC, 0644);
    if (descriptor < 0) fail("open %s: %s", path, strerror(errno));
    return descriptor;
}

static uint64_t word(uint64_t place) { return mix(place + 1) | 1; }

// Says whose word it is that was seen, if it is one of the file.
static void tell(char *text, size_t size, const char *how, size_t offset, uint64_t seen) {
    size_t whose = 0;
    while (whose < SIZE / 8 && word(whose) != seen) whose++;
    int length = snprintf(text, size, "%s: byte %zu of the file is in %016lx", how, offset, (unsigned long)seen);
    if (whose < SIZE / 8) snprintf(text + length, size - length, ", which is byte %zu's", whose * 8);
}

// Looks at one page, wherever it was had from.
static void check(const char *how, const volatile uint64_t *page, size_t offset) {
    for (size_t i = 0; i < WORDS; i++) {
        uint64_t seen = page[i];
        if (seen == word(offset / 8 + i) || (seen == 0 && offset >= STABLE)) continue;
        char text[sizeof all->first];
        tell(text, sizeof text, how, offset + i * 8, seen);
        if (offset < STABLE || at_rest) fail("%s", text);
        if (all->strange++ == 0) memcpy(all->first, text, sizeof text);
        break;
    }
    all->pages++;
}

static void on_bus_error(int number) { siglongjmp(beyond, number); }

// Maps the whole file where a PMD can map it.
static char *map(int descriptor, int protection) {
    char *room = mmap(NULL, SIZE + CHUNK, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) fail("mmap: %s", strerror(errno));
    char *place = (char *)(((uintptr_t)room + CHUNK - 1) & ~(uintptr_t)(CHUNK - 1));
    if (mmap(place, SIZE, protection, MAP_PRIVATE | MAP_FIXED, descriptor, 0) == MAP_FAILED) fail("mmap: %s", strerror(errno));
    if (place > room) munmap(room, place - room);
    if (place < room + CHUNK) munmap(place + SIZE, room + CHUNK - place);
    return place;
}

// Loads pages; past the end of a file that was cut there is SIGBUS, and zeroes in what is left of its last page.
static void load(const char *how, char *place, int count) {
    for (volatile int i = 0; i < count; i++) {
        size_t offset = any(SIZE / PAGE) * PAGE;
        if (sigsetjmp(beyond, 1) == 0) check(how, (uint64_t *)(place + offset), offset);
        else if (offset < STABLE) fail("%s: SIGBUS at byte %zu, which is never cut off", how, offset);
    }
}

static void collapse(void) {
    int descriptor = file(view, O_RDONLY);
    char *place = map(descriptor, PROT_READ | PROT_EXEC);
    for (int chunk = 0; chunk < SIZE / CHUNK; chunk++) {
        if (chunk * CHUNK < STABLE) check("collapse", (uint64_t *)(place + chunk * CHUNK), chunk * CHUNK);
        all->collapses++;
        if (madvise(place + chunk * CHUNK, CHUNK, MADV_COLLAPSE) == 0) all->collapsed++;
        load("collapse", place, 16);
    }
    munmap(place, SIZE);
    close(descriptor);
}

static void fault(void) {
    int descriptor = file(view, O_RDONLY);
    char *place = map(descriptor, PROT_READ);
    if (any(2)) madvise(place, SIZE, MADV_HUGEPAGE);
    load("fault", place, 256);
    if (any(2)) madvise(place, STABLE, MADV_POPULATE_READ);
    load("fault", place, 64);
    all->faults++;
    munmap(place, SIZE);
    close(descriptor);
}

static void scan(void) {
    static uint64_t page[WORDS];
    int descriptor = file(any(2) ? view : source, O_RDONLY);
    for (int i = 0; i < 256; i++) {
        size_t offset = any(SIZE / PAGE) * PAGE;
        ssize_t got = pread(descriptor, page, PAGE, offset);
        if (got < 0) fail("read: %s", strerror(errno));
        if (got < PAGE && offset < STABLE) fail("read: %zd bytes at %zu", got, offset);
        if (got == PAGE) check("read", page, offset);
        all->reads++;
    }
    close(descriptor);
}

static void put(int descriptor, size_t first, size_t pages) {
    static uint64_t words[64 * WORDS];
    for (size_t i = 0; i < pages * WORDS; i++) words[i] = word(first / 8 + i);
    if (pwrite(descriptor, words, pages * PAGE, first) != (ssize_t)(pages * PAGE)) fail("write: %s", strerror(errno));
}

static void rewrite(void) {
    int descriptor = file(any(2) ? view : source, O_RDWR);
    for (int i = 0; i < 32; i++) {
        size_t pages = 1 + any(64);
        put(descriptor, any(SIZE / PAGE - pages) * PAGE, pages);
        all->writes++;
    }
    if (any(4) == 0) fdatasync(descriptor);
    close(descriptor);
    // Whoever has it open for writing keeps it from the read-only fallback: let that have its turn.
    poll(NULL, 0, any(20));
}

static void shape(void) {
    int descriptor = file(any(2) ? view : source, O_RDWR);
    size_t from = STABLE + any((SIZE - STABLE) / PAGE) * PAGE;
    if (any(2)) {
        if (ftruncate(descriptor, from) != 0 || ftruncate(descriptor, SIZE) != 0) fail("truncate: %s", strerror(errno));
    } else if (fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, SIZE - from) != 0 && errno != EOPNOTSUPP) {
        fail("punch: %s", strerror(errno));
    }
    put(descriptor, from, 1);
    all->shapes++;
    close(descriptor);
    poll(NULL, 0, any(20));
}

static void reclaim(void) {
    int descriptor = file(any(2) ? view : source, O_RDONLY);
    char *place = map(descriptor, PROT_READ);
    load("reclaim", place, 32);
    madvise(place, SIZE, MADV_PAGEOUT);
    load("reclaim", place, 8);
    munmap(place, SIZE);
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    all->reclaims++;
    close(descriptor);
}

static void migrate(void) {
    int knob = open("/proc/sys/vm/compact_memory", O_WRONLY | O_CLOEXEC);
    if (knob >= 0 && write(knob, "1", 1) == 1) all->migrations++;
    if (knob >= 0) close(knob);
    poll(NULL, 0, 100);
}

static void remount(void) {
    if (mount(NULL, source, NULL, MS_REMOUNT, NULL) == 0) all->remounts++;
    poll(NULL, 0, 50);
}

int main(int count, char **arguments) {
    if (count != 5) return fprintf(stderr, "usage: races SOURCE VIEW SECONDS SEED\n"), 2;
    source = arguments[1];
    view = arguments[2];
    uint64_t seed = strtoull(arguments[4], NULL, 10);
    all = mmap(NULL, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) return perror("races"), 1;
    verdict = &all->verdict;
    signal(SIGBUS, on_bus_error);
    int descriptor = file(source, O_RDWR | O_CREAT);
    for (size_t offset = 0; offset < SIZE; offset += 64 * PAGE) put(descriptor, offset, 64);
    if (fsync(descriptor) != 0) return perror("races"), 1;
    close(descriptor);

    static void (*const roles[])(void) = {collapse, collapse, fault, scan, rewrite, shape, reclaim, migrate, remount};
    enum { ROLES = sizeof roles / sizeof *roles };
    end = now() + strtod(arguments[3], NULL);
    pid_t children[ROLES];
    for (int i = 0; i < ROLES; i++) {
        children[i] = fork();
        if (children[i] < 0) return perror("races"), 1;
        if (children[i] > 0) continue;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        state = mix(seed * ROLES + i + 1);
        while (going()) roles[i]();
        _exit(0);
    }
    for (int i = 0; i < ROLES; i++) {
        int status = 0;
        waitpid(children[i], &status, 0);
        if (status != 0 && !verdict->failed) {
            snprintf(verdict->said, sizeof verdict->said, "child %d ended with status %d", i, status);
            verdict->failed = 1;
        }
    }
    if (!verdict->failed) {
        // Now that nobody writes, every page is looked at, by both paths and both ways.
        at_rest = 1;
        for (int by = 0; by < 2; by++) {
            int last = file(by ? view : source, O_RDONLY);
            char *place = map(last, PROT_READ);
            static uint64_t page[WORDS];
            for (size_t offset = 0; offset < SIZE; offset += PAGE) {
                check("map at the end", (uint64_t *)(place + offset), offset);
                if (pread(last, page, PAGE, offset) != PAGE || memcmp(page, place + offset, PAGE) != 0)
                    fail("read and map differ at byte %zu at the end", offset);
            }
            munmap(place, SIZE);
            close(last);
        }
    }
    if (verdict->failed) return printf("races: %s\n", verdict->said), 1;
    printf(
        "%lu collapses, %lu of them done, %lu faults, %lu reads, %lu writes, %lu cuts and holes, %lu reclaims, %lu migrations, "
        "%lu remounts, %lu pages looked at, %lu of them strange\n",
        all->collapses, all->collapsed, all->faults, all->reads, all->writes, all->shapes, all->reclaims, all->migrations,
        all->remounts, all->pages, all->strange);
    if (all->strange) printf("the first: %s\n", all->first);
    return 0;
}
