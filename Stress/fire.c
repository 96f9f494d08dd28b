// fire SOURCE MOUNT SECONDS SEED: writers and readers of the same files at once, through the mount and underneath, and what each reader
// may see is checked.
//
// A page of 4 KiB is a function of its file, its number and its version. The version of a page only grows: it is `begun` before
// the call that writes it and `acked` when that call has returned. Zeroes (a hole punched, an end cut off) are versions too. Held to:
//   * what is read is some version whole, or zeroes where zeroes were begun. A page caught halfway by a reader, as the source itself shows
//     them, must be whole within a second;
//   * a reader of one descriptor or mapping never sees a version older than one that it has seen;
//   * who opens the file sees what was acked before, whoever wrote it;
//   * who has it open or mapped sees what was acked before where it was written through the mount, and all of it within
//     three seconds of the last write.
// A file replaced by rename: who has the old one open keeps that, and is held to the first two.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "stress.h"

enum { PAGE = 4096, PAGES = 1536, BLOCK = 16, FILES = 3, READERS = 3 };
enum writer { MOUNT, UNDERNEATH, STORES, WRITERS };

struct file {
    pthread_rwlock_t lock;        // writers share it; who changes the file's shape, or lets readers open it anew, has it alone
    _Atomic uint64_t generation;  // odd while the file is being replaced
    _Atomic uint64_t round;
    _Atomic uint64_t seen[READERS];  // the round for which a reader has opened it anew
    _Atomic uint64_t begun[PAGES], zero_begun[PAGES], acked[PAGES], acked_mount[PAGES];
};

static struct shared {
    struct file files[FILES];
    _Atomic uint64_t reads, writes, shapes, halfway, opens, faults;
    struct verdict verdict;
} *all;

static const char *source, *mount;

static void path(char *text, const char *root, int file) { snprintf(text, 4096, "%s/file%d", root, file); }

static void make(uint64_t *page, int file, int number, uint64_t version) {
    uint64_t seed = mix(version * 0x10001 + (uint64_t)number * 64 + (uint64_t)file);
    page[0] = version;
    for (int i = 1; i < PAGE / 8; i++) page[i] = seed += 0x9e3779b97f4a7c15u;
}

/// 0: zeroes; else its version; UINT64_MAX: halfway.
static uint64_t version_of(const uint64_t *page, int file, int number) {
    static uint64_t wanted[PAGE / 8];
    if (page[0] == 0) {
        for (int i = 1; i < PAGE / 8; i++)
            if (page[i]) return UINT64_MAX;
        return 0;
    }
    make(wanted, file, number, page[0]);
    return memcmp(page, wanted, PAGE) ? UINT64_MAX : page[0];
}

static uint64_t raise_to(_Atomic uint64_t *place, uint64_t version) {
    uint64_t before = atomic_load(place);
    while (before < version && !atomic_compare_exchange_weak(place, &before, version)) {}
    return before;
}

static int open_file(const char *root, int file, int flags) {
    char name[4096];
    path(name, root, file);
    int descriptor = open(name, flags | O_CLOEXEC);
    if (descriptor < 0) fail("open %s: %s", name, strerror(errno));
    return descriptor;
}

static void put(int descriptor, const void *bytes, size_t count, off_t at, const char *who) {
    for (size_t done = 0; done < count;) {
        ssize_t part = pwrite(descriptor, (const char *)bytes + done, count - done, at + (off_t)done);
        if (part <= 0) fail("pwrite, %s: %s", who, strerror(errno));
        done += (size_t)part;
    }
}

// Writers: each has blocks of pages of its own, so that their versions follow one another.

static void writer(enum writer kind) {
    static uint64_t pages[BLOCK * PAGE / 8];
    while (!atomic_load(&verdict->ends)) {
        int number = (int)any(FILES);
        struct file *file = &all->files[number];
        pthread_rwlock_rdlock(&file->lock);
        int descriptor = open_file(kind == UNDERNEATH ? source : mount, number, kind == STORES ? O_RDWR : O_WRONLY);
        for (int left = (int)any(12) + 1; left > 0; left--) {
            int block = (int)any(PAGES / BLOCK / WRITERS) * WRITERS + kind;
            int first = block * BLOCK + (int)any(BLOCK), count = (int)any((uint64_t)(block * BLOCK + BLOCK - first)) + 1;
            for (int i = 0; i < count; i++) {
                uint64_t version = atomic_fetch_add(&file->begun[first + i], 1) + 1;
                make(pages + i * (PAGE / 8), number, first + i, version);
            }
            size_t size = (size_t)count * PAGE;
            if (kind == STORES) {
                char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, (off_t)first * PAGE);
                if (memory == MAP_FAILED) fail("mmap to store: %s", strerror(errno));
                memcpy(memory, pages, size);
                munmap(memory, size);
                // A copy has it when this returns (docs/COHERENCE.md).
                if (fsync(descriptor)) fail("fsync: %s", strerror(errno));
            } else {
                put(descriptor, pages, size, (off_t)first * PAGE, kind == MOUNT ? "through the mount" : "underneath");
            }
            for (int i = 0; i < count; i++) {
                uint64_t version = pages[i * (PAGE / 8)];
                raise_to(&file->acked[first + i], version);
                if (kind != UNDERNEATH) raise_to(&file->acked_mount[first + i], version);
            }
            atomic_fetch_add(&all->writes, (uint64_t)count);
        }
        if (close(descriptor)) fail("close: %s", strerror(errno));
        pthread_rwlock_unlock(&file->lock);
    }
}

// The file's shape, changed by one process that has it alone.

static void begin_zeroes(struct file *file, int first, int end) {
    for (int i = first; i < end; i++) atomic_store(&file->zero_begun[i], atomic_fetch_add(&file->begun[i], 1) + 1);
}

static void ack_all(struct file *file, int first, int end, int through_mount) {
    for (int i = first; i < end; i++) {
        raise_to(&file->acked[i], atomic_load(&file->begun[i]));
        if (through_mount) raise_to(&file->acked_mount[i], atomic_load(&file->begun[i]));
    }
}

static void replace(int number, int through_mount) {
    static uint64_t page[PAGE / 8];
    struct file *file = &all->files[number];
    const char *root = through_mount ? mount : source;
    char name[4096], new[4200], shown[4096];
    path(name, root, number);
    path(shown, mount, number);
    snprintf(new, sizeof new, "%s.new", name);
    int descriptor = open(new, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0) fail("create %s: %s", new, strerror(errno));
    for (int i = 0; i < PAGES; i++) {
        make(page, number, i, atomic_fetch_add(&file->begun[i], 1) + 1);
        put(descriptor, page, PAGE, (off_t)i * PAGE, "the replacement");
    }
    struct stat wanted, found;
    if (fstat(descriptor, &wanted)) fail("fstat: %s", strerror(errno));
    close(descriptor);
    atomic_fetch_add(&file->generation, 1);
    if (rename(new, name)) fail("rename: %s", strerror(errno));
    // Names that others change are seen within milliseconds, not at once.
    for (double end = now() + 2;;) {
        if (stat(shown, &found) == 0 && found.st_ino == wanted.st_ino) break;
        if (now() > end) fail("file %d replaced %s is not seen after 2 s", number, through_mount ? "through the mount" : "underneath");
        poll(NULL, 0, 1);
    }
    atomic_fetch_add(&file->generation, 1);
    ack_all(file, 0, PAGES, through_mount);
}

static void shaper(void) {
    while (!atomic_load(&verdict->ends)) {
        int number = (int)any(FILES), through_mount = (int)any(2);
        struct file *file = &all->files[number];
        pthread_rwlock_wrlock(&file->lock);
        uint64_t what = any(10);
        if (what == 0) {
            replace(number, through_mount);
        } else {
            int descriptor = open_file(through_mount ? mount : source, number, O_RDWR);
            int first = (int)any(PAGES), end = what < 4 ? PAGES : first + 1 + (int)any((uint64_t)(PAGES - first));
            begin_zeroes(file, first, end);
            int bad = what < 4
                          ? ftruncate(descriptor, (off_t)first * PAGE) || ftruncate(descriptor, (off_t)PAGES * PAGE)
                          : fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)first * PAGE, (off_t)(end - first) * PAGE);
            if (bad) fail("%s: %s", what < 4 ? "ftruncate" : "fallocate", strerror(errno));
            close(descriptor);
            ack_all(file, first, end, through_mount);
        }
        pthread_rwlock_unlock(&file->lock);
        atomic_fetch_add(&all->shapes, 1);
        poll(NULL, 0, 20);
    }
}

// Readers.

struct handle {
    int descriptor;
    char *memory;
    uint64_t generation, round;
    uint64_t floor[2][PAGES];  // by read, by mapping
};

static sigjmp_buf fault;
static void on_fault(int signal) { (void)signal; siglongjmp(fault, 1); }

/// One page as it is now: 0 where it is beyond the end.
static int fetch(struct handle *handle, int page, int by_mapping, uint64_t *into) {
    if (by_mapping) {
        if (sigsetjmp(fault, 1)) {
            atomic_fetch_add(&all->faults, 1);
            return 0;
        }
        memcpy(into, handle->memory + (size_t)page * PAGE, PAGE);
        return 1;
    }
    ssize_t got = pread(handle->descriptor, into, PAGE, (off_t)page * PAGE);
    if (got < 0) fail("pread: %s", strerror(errno));
    if (got != 0 && got != PAGE) memset((char *)into + got, 0, (size_t)(PAGE - got));
    return got != 0;
}

static void check(struct handle *handle, int number, int page, int by_mapping, const char *how) {
    static uint64_t bytes[PAGE / 8];
    struct file *file = &all->files[number];
    uint64_t *floor = &handle->floor[by_mapping][page];
    uint64_t least, version = UINT64_MAX;
    for (double end = 0;; poll(NULL, 0, 1)) {
        least = atomic_load(&file->acked_mount[page]);
        version = fetch(handle, page, by_mapping, bytes) ? version_of(bytes, number, page) : 0;
        if (version != UINT64_MAX) break;
        atomic_fetch_add(&all->halfway, 1);
        if (end == 0) end = now() + 1;
        if (now() > end) fail("file %d page %d is not whole after 1 s, by %s", number, page, how);
    }
    atomic_fetch_add(&all->reads, 1);
    // What was written to the successor of a replaced file concerns who has that.
    if (atomic_load(&file->generation) != handle->generation) least = 0;
    if (*floor > least) least = *floor;
    uint64_t begun = atomic_load(&file->begun[page]), zero = atomic_load(&file->zero_begun[page]);
    if (version == 0) {
        if (zero < least) fail("file %d page %d is zero by %s, wanted version %lu or later", number, page, how, least);
        return;
    }
    if (version < least) fail("file %d page %d: version %lu by %s, wanted %lu or later", number, page, version, how, least);
    if (version > begun) fail("file %d page %d: version %lu by %s, which nobody wrote", number, page, version, how);
    *floor = version;
}

static int try_open(struct handle *handle, int number, int maps) {
    struct file *file = &all->files[number];
    uint64_t generation = atomic_load(&file->generation);
    if (generation & 1) return 0;
    handle->round = atomic_load(&file->round);
    handle->descriptor = open_file(mount, number, O_RDONLY);
    if (atomic_load(&file->generation) != generation) {
        close(handle->descriptor);
        return 0;
    }
    atomic_fetch_add(&all->opens, 1);
    handle->generation = generation;
    memset(handle->floor, 0, sizeof handle->floor);
    handle->memory = NULL;
    if (maps) {
        handle->memory = mmap(NULL, (size_t)PAGES * PAGE, PROT_READ, MAP_SHARED, handle->descriptor, 0);
        if (handle->memory == MAP_FAILED) fail("mmap to read: %s", strerror(errno));
    }
    return 1;
}

static void let_go(struct handle *handle) {
    if (handle->memory) munmap(handle->memory, (size_t)PAGES * PAGE);
    close(handle->descriptor);
}

static void reader(int self) {
    static struct handle kept[FILES], fresh;
    struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_NODEFER};
    sigaction(SIGBUS, &action, NULL);
    int is_open[FILES] = {0};
    while (!atomic_load(&verdict->ends)) {
        int number = (int)any(FILES);
        struct file *file = &all->files[number];
        if (is_open[number] && atomic_load(&file->round) != kept[number].round) {
            let_go(&kept[number]);
            is_open[number] = 0;
        }
        if (!is_open[number]) {
            is_open[number] = try_open(&kept[number], number, 1);
            if (is_open[number]) atomic_store(&file->seen[self], kept[number].round);
            continue;
        }
        if (any(8) == 0) {
            for (int i = 0; i < 16; i++) {
                int page = (int)any(PAGES);
                uint64_t least = atomic_load(&file->acked[page]);
                if (!try_open(&fresh, number, 0)) break;
                fresh.floor[0][page] = least;
                check(&fresh, number, page, 0, "a fresh open");
                let_go(&fresh);
            }
        } else {
            for (int i = 0; i < 256; i++) check(&kept[number], number, (int)any(PAGES), i & 1, i & 1 ? "a mapping" : "an open file");
        }
    }
    // The last writes have been seen by all within three seconds.
    for (double end = now() + 3;;) {
        int behind = 0;
        for (int number = 0; number < FILES; number++) {
            struct file *file = &all->files[number];
            if (!is_open[number] || atomic_load(&file->generation) != kept[number].generation) continue;
            for (int page = 0; page < PAGES; page++) {
                static uint64_t bytes[PAGE / 8];
                uint64_t wanted = atomic_load(&file->acked[page]);
                for (int way = 0; way < 2; way++) {
                    uint64_t found = fetch(&kept[number], page, way, bytes) ? version_of(bytes, number, page) : 0;
                    if (found != wanted && !(found == 0 && atomic_load(&file->zero_begun[page]) == wanted)) behind++;
                }
            }
        }
        if (!behind) return;
        if (now() > end) fail("%d pages are out of date 3 s after the last write", behind);
        poll(NULL, 0, 10);
    }
}

/// Every two seconds, has readers open a file anew while nobody writes to it, so that it is served as a file at rest is.
static void conductor(void) {
    for (int number = 0; !atomic_load(&verdict->ends); number = (number + 1) % FILES) {
        struct file *file = &all->files[number];
        pthread_rwlock_wrlock(&file->lock);
        uint64_t round = atomic_fetch_add(&file->round, 1) + 1;
        double end = now() + 20;
        for (int self = 0; self < READERS && !atomic_load(&verdict->ends); self++)
            while (atomic_load(&file->seen[self]) < round && !atomic_load(&verdict->ends)) {
                if (now() > end) fail("reader %d has not opened file %d for 20 s", self, number);
                poll(NULL, 0, 5);
            }
        pthread_rwlock_unlock(&file->lock);
        poll(NULL, 0, 700);
    }
}

int main(int count, char **words) {
    if (count != 5) return fputs("usage: fire SOURCE MOUNT SECONDS SEED\n", stderr), 2;
    source = words[1], mount = words[2];
    double seconds = atof(words[3]);
    uint64_t seed = strtoull(words[4], NULL, 0);
    all = mmap(NULL, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) return perror("mmap"), 1;
    verdict = &all->verdict;
    pthread_rwlockattr_t shared;
    pthread_rwlockattr_init(&shared);
    pthread_rwlockattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    pthread_rwlockattr_setkind_np(&shared, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    for (int number = 0; number < FILES; number++) {
        static uint64_t page[PAGE / 8];
        struct file *file = &all->files[number];
        pthread_rwlock_init(&file->lock, &shared);
        char name[4096];
        path(name, source, number);
        int descriptor = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (descriptor < 0) return perror(name), 1;
        for (int i = 0; i < PAGES; i++) {
            make(page, number, i, atomic_fetch_add(&file->begun[i], 1) + 1);
            put(descriptor, page, PAGE, (off_t)i * PAGE, "at the start");
        }
        close(descriptor);
        ack_all(file, 0, PAGES, 1);
    }
    enum { PROCESSES = WRITERS + 1 + READERS + 1 };
    pid_t processes[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        processes[i] = fork();
        if (processes[i] == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            state = mix(seed + (uint64_t)i);
            if (i < WRITERS) writer((enum writer)i);
            else if (i == WRITERS) shaper();
            else if (i < WRITERS + 1 + READERS) reader(i - WRITERS - 1);
            else conductor();
            _exit(0);
        }
    }
    double end = now() + seconds;
    uint64_t before = 0;
    for (double looked = now(); now() < end && !atomic_load(&verdict->ends); poll(NULL, 0, 100)) {
        uint64_t reads = atomic_load(&all->reads);
        if (reads != before) looked = now(), before = reads;
        if (now() - looked > 30) {
            printf("no reader has read anything for 30 s\n");
            for (int i = 0; i < PROCESSES; i++) kill(processes[i], SIGKILL);
            return 1;
        }
    }
    atomic_store(&verdict->ends, 1);
    int bad = 0;
    // One that failed may have died with a lock.
    end = now() + 10;
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;
        while (waitpid(processes[i], &status, WNOHANG) == 0) {
            if (now() > end) kill(processes[i], SIGKILL);
            poll(NULL, 0, 5);
        }
        if (status && !verdict->failed) printf("process %d ended with status %d\n", i, status);
        if (status) bad = 1;
    }
    printf("%lu pages read, %lu written, %lu times another shape, %lu opens, %lu pages caught halfway, %lu faults beyond the end\n",
           all->reads, all->writes, all->shapes, all->opens, all->halfway, all->faults);
    if (bad || verdict->failed) printf("%s\n", verdict->failed ? verdict->said : "a process died");
    return bad || verdict->failed;
}
