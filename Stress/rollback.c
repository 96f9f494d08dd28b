// Makes MADV_COLLAPSE fail where only the kernel can make it fail, and holds what was there before against what is there afterwards.
//
// usage: rollback writeback FILE FROZEN     pages under writeback, while the filesystem beneath FILE's, mounted at FROZEN, is frozen
//        rollback locked FILE FROZEN        pages that are being read in, in the same way
//        rollback swap FILE DEVICE GROUP    swapped-out pages of a tmpfs that DEVICE, a loop device and the only swap, does not give back;
//                                           GROUP is a control group of version 2 that it may enter
//        rollback watched FILE              holes of a tmpfs for which a userfaultfd waits
//        rollback allocation FILE           allocations and block requests of one call that fail, each in turn, then several at once
//
// FILE is made anew, one chunk of 2 MiB, and every byte of it follows from its place. Before and after a call all of this is looked at,
// in such a way that looking changes nothing: which pages are cached, in which frames, of which folios, dirty, locked or under
// writeback; where the file has holes and how many blocks; what PTEs and PMDs map; how many huge pages the kernel counts for files;
// how much of a tmpfs is free. Then every byte is read, by read(2) and by the mapping. Each call is a line of JSON, with what differs
// in words; pages that a failing call had read in of a file on a disk are none, and PTEs that it took away are there at the next touch.
// It needs root, and a machine that does nothing else: a guest.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/magic.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

enum { PAGE = 4096, CHUNK = 2 << 20, COUNT = CHUNK / PAGE, WORDS = CHUNK / 8 };

// Of /proc/kpageflags (include/uapi/linux/kernel-page-flags.h).
enum { LOCKED = 1 << 0, DIRTY = 1 << 4, WRITEBACK = 1 << 8, HEAD = 1 << 15, TAIL = 1 << 16, SWAPBACKED = 1 << 14 };
enum { KEPT = DIRTY | HEAD | TAIL | SWAPBACKED };

struct page {
    // As mincore(2) has it: in the page cache, and its content is there.
    int cached;
    // The frame that the page cache has, and its flags; the frame that the mapping has, 0 where no page table has one.
    uint64_t frame, flags, mapped;
};

struct state {
    struct page pages[COUNT];
    // Whether a page lies in a hole, by lseek(2).
    char hole[COUNT];
    // Bytes that PMDs map; kilobytes of huge pages of files and shmem in the whole system; blocks of the file; free blocks of its tmpfs.
    uint64_t pmd, huge, blocks, room;
};

static const char *path;
static int file = -1, is_shmem;
// Where it is mapped, and where it is mapped a second time to be looked at: in the middle of a huge page, so that no PMD can.
static char *place, *other;
// What every page is to hold; which are not to be in the page cache, and which of these are holes of the file, as all are of shmem;
// which are lost for good, so that reading them fails; for which one would wait.
static uint64_t content[WORDS];
static char gap[COUNT], absent[COUNT], lost[COUNT], awaited[COUNT];
static sigjmp_buf beyond;

// What differs, and the rest of the line of JSON.
static char differences[2048], line[4096];
static int count_of_differences, failed;

__attribute__((format(printf, 1, 2), noreturn)) static void die(const char *format, ...) {
    va_list list;
    va_start(list, format);
    fprintf(stderr, "rollback: ");
    vfprintf(stderr, format, list);
    fprintf(stderr, ": %s\n", strerror(errno));
    exit(2);
}

__attribute__((format(printf, 1, 2))) static void differ(const char *format, ...) {
    size_t length = strlen(differences);
    if (count_of_differences++ > 8) return;
    length += snprintf(differences + length, sizeof differences - length, "%s\"", length ? "," : "");
    va_list list;
    va_start(list, format);
    length += vsnprintf(differences + length, sizeof differences - length, format, list);
    va_end(list);
    snprintf(differences + length, sizeof differences - length, "\"");
}

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...) {
    size_t length = strlen(line);
    va_list list;
    va_start(list, format);
    vsnprintf(line + length, sizeof line - length, format, list);
    va_end(list);
}

static void say(const char *case_name) {
    printf("{\"case\":\"%s\"%s,\"differences\":[%s]}\n", case_name, line, differences);
    fflush(stdout);
    failed |= count_of_differences > 0;
    count_of_differences = 0;
    differences[0] = line[0] = 0;
}

// MARK: Looking

static uint64_t mix(uint64_t x) {
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static int put(const char *name, const char *text) {
    int descriptor = open(name, O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (descriptor < 0) return -1;
    ssize_t written = write(descriptor, text, strlen(text));
    close(descriptor);
    return written == (ssize_t)strlen(text) ? 0 : -1;
}

static void must_put(const char *name, const char *text) {
    if (put(name, text) != 0) die("write %s to %s", text, name);
}

static int page_map, page_flags;

static void read_words(int descriptor, uint64_t first, uint64_t *words, size_t count) {
    if (pread(descriptor, words, count * 8, first * 8) != (ssize_t)(count * 8)) die("read page tables or flags");
}

// The frames that page tables have for a chunk at an address; 0 for none.
static void frames(const char *address, uint64_t *words) {
    read_words(page_map, (uintptr_t)address / PAGE, words, COUNT);
    for (int i = 0; i < COUNT; i++) words[i] = words[i] >> 63 ? words[i] & ((1ull << 55) - 1) : 0;
}

// The sum of the lines of a file of /proc that begin with one of two names, in kilobytes; of the mapping at `begin` alone, if any.
static uint64_t kilobytes(const char *name, const char *first, const char *second, uintptr_t begin) {
    FILE *lines = fopen(name, "re");
    if (!lines) die("open %s", name);
    char text[8192];
    uint64_t sum = 0;
    int ours = begin == 0;
    while (fgets(text, sizeof text, lines)) {
        unsigned long from, to;
        if (begin && sscanf(text, "%lx-%lx ", &from, &to) == 2) ours = from <= begin && begin < to;
        else if (ours && (strncmp(text, first, strlen(first)) == 0 || strncmp(text, second, strlen(second)) == 0))
            sum += strtoull(strchr(text, ':') + 1, NULL, 10);
    }
    fclose(lines);
    return sum;
}

// Reserves room for both mappings, and opens what tells of their pages.
static void reserve(void) {
    char *room = mmap(NULL, 4 * (size_t)CHUNK, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) die("mmap");
    place = (char *)(((uintptr_t)room + CHUNK - 1) & -(uintptr_t)CHUNK);
    other = place + CHUNK + CHUNK / 2;
    page_map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    page_flags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
    if (page_map < 0 || page_flags < 0) die("open /proc/self/pagemap, /proc/kpageflags");
}

static void map(char *address, int protection) {
    if (mmap(address, CHUNK, protection, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED) die("mmap %s", path);
}

static void unmap(char *address) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
    if (mmap(address, CHUNK, PROT_NONE, flags, -1, 0) == MAP_FAILED) die("mmap");
}

static void look(struct state *state) {
    static unsigned char cached[COUNT];
    static uint64_t mapped[COUNT], seen[COUNT];
    memset(state, 0, sizeof *state);
    if (mincore(place, CHUNK, cached) != 0) die("mincore");
    frames(place, mapped);
    // By the second mapping only what is cached is touched.
    map(other, PROT_READ);
    for (int i = 0; i < COUNT; i++)
        if (cached[i] & 1) (void)*(volatile char *)(other + (size_t)i * PAGE);
    frames(other, seen);
    for (int i = 0; i < COUNT; i++) {
        struct page *page = &state->pages[i];
        page->cached = cached[i] & 1;
        page->mapped = mapped[i];
        if (page->cached) {
            page->frame = seen[i];
            read_words(page_flags, page->frame, &page->flags, 1);
        }
    }
    unmap(other);
    for (off_t at = 0; at < CHUNK;) {
        off_t data = lseek(file, at, SEEK_DATA);
        off_t from = data < 0 ? CHUNK : data;
        for (off_t i = at / PAGE; i < from / PAGE; i++) state->hole[i] = 1;
        at = data < 0 ? CHUNK : lseek(file, data, SEEK_HOLE);
    }
    struct stat status;
    if (fstat(file, &status) != 0) die("stat %s", path);
    state->blocks = status.st_blocks;
    struct statvfs system;
    if (is_shmem && fstatvfs(file, &system) == 0) state->room = system.f_bfree;
    state->pmd = kilobytes("/proc/self/smaps", "FilePmdMapped:", "ShmemPmdMapped:", (uintptr_t)place) * 1024;
    // What processors have counted for themselves is added first.
    put("/proc/sys/vm/stat_refresh", "1");
    state->huge = kilobytes("/proc/meminfo", "FileHugePages:", "ShmemHugePages:", 0);
}

// Pages that a call has read in, and pages that PTEs mapped before it and not after it.
static int read_in, unmapped;

static void same(const char *what, uint64_t before, uint64_t after) {
    if (before != after) differ("%s: %llu, then %llu", what, (unsigned long long)before, (unsigned long long)after);
}

// Says what of the folios, holes and mappings is not as it was.
static void compare(const struct state *before, const struct state *after) {
    read_in = unmapped = 0;
    for (int i = 0; i < COUNT; i++) {
        const struct page *was = &before->pages[i], *is = &after->pages[i];
        if (was->cached && !is->cached) differ("page %d is not cached any more", i);
        if (was->cached && is->cached) {
            if (was->frame != is->frame) differ("page %d is in another frame", i);
            if ((was->flags ^ is->flags) & KEPT)
                differ("page %d: flags %llx, then %llx", i, (unsigned long long)was->flags, (unsigned long long)is->flags);
        }
        if (is->cached && is->flags & LOCKED) differ("page %d is locked", i);
        if (!was->cached && is->cached) {
            if (is_shmem) differ("page %d has come into being", i);
            read_in++;
        }
        if (is->mapped && is->mapped != is->frame) differ("page %d is mapped from a frame that the page cache has not", i);
        unmapped += was->mapped && !is->mapped;
        if (before->hole[i] != after->hole[i]) differ("page %d is %s", i, after->hole[i] ? "a hole now" : "no hole any more");
    }
    same("bytes that PMDs map", before->pmd, after->pmd);
    same("kilobytes of huge pages", before->huge, after->huge);
    same("blocks of the file", before->blocks, after->blocks);
    same("free blocks of the filesystem", before->room, after->room);
}

static int count(const struct state *state, uint64_t flags) {
    int sum = 0;
    for (int i = 0; i < COUNT; i++) sum += state->pages[i].cached && (state->pages[i].flags & flags) == flags;
    return sum;
}

static void on_bus_error(int number) { siglongjmp(beyond, number); }

// Reads every byte: what is not as it was, what is missing, and what was brought in again into another frame.
static void check_bytes(const struct state *before, int stays) {
    static char page[PAGE];
    for (int i = 0; i < COUNT; i++) {
        if (awaited[i]) continue;
        const char *wanted = (const char *)content + (size_t)i * PAGE;
        ssize_t got = pread(file, page, PAGE, (off_t)i * PAGE);
        if (lost[i]) {
            if (got != -1 || errno != EIO) differ("page %d is lost, and read as if it were not", i);
        } else if (got != PAGE) {
            differ("page %d cannot be read: %s", i, got < 0 ? strerror(errno) : "short");
        } else if (memcmp(page, wanted, PAGE) != 0) {
            differ("page %d has other bytes", i);
        }
        // A load from a hole of shmem would fill it.
        if (absent[i] && is_shmem) continue;
        if (sigsetjmp(beyond, 1) != 0) {
            if (!lost[i]) differ("page %d: SIGBUS", i);
        } else if (memcmp(place + (size_t)i * PAGE, wanted, PAGE) != 0) {
            differ("page %d has other bytes in the mapping", i);
        } else if (lost[i]) {
            differ("page %d is lost, and mapped as if it were not", i);
        }
    }
    if (!stays) return;
    static uint64_t mapped[COUNT];
    frames(place, mapped);
    for (int i = 0; i < COUNT; i++)
        if (before->pages[i].cached && mapped[i] != before->pages[i].frame && !(absent[i] && is_shmem))
            differ("page %d is mapped from another frame", i);
}

// MARK: Tracing

static const char *const trace = "/sys/kernel/tracing/instances/rollback";

static const char *of_trace(const char *name) {
    static char text[256];
    snprintf(text, sizeof text, "%s/%s", trace, name);
    return text;
}

static void start_trace(void) {
    if (mkdir(trace, 0700) != 0 && errno != EEXIST) die("make %s", trace);
    must_put(of_trace("events/huge_memory/mm_khugepaged_scan_file/enable"), "1");
}

static void clear_trace(void) { must_put(of_trace("trace"), ""); }

// The last result that the tracepoint names, or "none".
static const char *reason(void) {
    static char found[64];
    char text[1024];
    strcpy(found, "none");
    FILE *lines = fopen(of_trace("trace"), "re");
    if (!lines) die("open the trace");
    while (fgets(text, sizeof text, lines)) {
        char *mark = strstr(text, "mm_khugepaged_scan_file: ") ? strstr(text, "result=") : NULL;
        if (mark) sscanf(mark, "result=%63[a-z_A-Z0-9]", found);
    }
    fclose(lines);
    return found;
}

// MARK: The file

static void open_file(int flags) {
    file = open(path, flags | O_CLOEXEC, 0644);
    if (file < 0) die("open %s", path);
}

// Executable and not for writing, which READ_ONLY_THP_FOR_FS asks for.
static void map_file(void) { map(place, PROT_READ | PROT_EXEC); }

static void touch(void) {
    for (int i = 0; i < COUNT; i++)
        if (!gap[i] && !awaited[i]) (void)*(volatile char *)(place + (size_t)i * PAGE);
}

// Writes pages, each by itself, so that they are folios of a page.
static void write_pages(int descriptor, int first, int end) {
    for (int i = first; i < end; i++)
        if (!absent[i] && pwrite(descriptor, (char *)content + (size_t)i * PAGE, PAGE, (off_t)i * PAGE) != PAGE)
            die("write page %d of %s", i, path);
}

// Makes the file; with gaps: of single pages, at its beginning and its end, and some for which the page cache needs a node more. On
// a disk they are fewer, each being read in by itself.
static void make_file(int with_gaps) {
    unlink(path);
    open_file(O_RDWR | O_CREAT | O_TRUNC);
    struct statfs system;
    if (ftruncate(file, CHUNK) != 0 || fstatfs(file, &system) != 0) die("make %s", path);
    is_shmem = system.f_type == TMPFS_MAGIC;
    for (int i = 0; i < COUNT; i++) {
        gap[i] = with_gaps && (i % (is_shmem ? 8 : 32) == 7 || i < 2 || i / 64 == 5 || (is_shmem && i / 64 == 7));
        absent[i] = gap[i] && (is_shmem || i / 64 == 5);
        lost[i] = 0;
    }
    for (int i = 0; i < WORDS; i++) content[i] = absent[i / (PAGE / 8)] ? 0 : mix(i + 1) | 1;
    write_pages(file, 0, COUNT);
    if (fsync(file) != 0) die("fsync %s", path);
    close(file);
    open_file(O_RDONLY);
}

static int collapse(void) { return madvise(place, CHUNK, MADV_COLLAPSE) == 0 ? 0 : errno; }

// Tells the errno and the reason of a call.
static void tell_result(int error) { tell(",\"errno\":\"%s\",\"reason\":\"%s\"", error ? strerrorname_np(error) : "0", reason()); }

// The obstacle is gone: the same call has succeeded, every byte is there, and that folios are others is seen.
static void check_success(const struct state *before, int error) {
    static struct state after;
    tell_result(error);
    look(&after);
    compare(before, &after);
    int seen = count_of_differences;
    count_of_differences = differences[0] = 0;
    if (error || after.pmd != CHUNK) differ("it is not collapsed");
    else if (!seen) differ("the looking does not see that it is collapsed");
    check_bytes(before, 0);
    say("gone");
}

static void succeed(void) {
    static struct state before;
    touch();
    look(&before);
    clear_trace();
    check_success(&before, collapse());
}

// MARK: Writeback

static const char *frozen;
static void thaw(void) {
    int directory = open(frozen, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) ioctl(directory, FITHAW, 0);
    if (directory >= 0) close(directory);
}

static struct call {
    _Atomic int thread, done;
    int error;
} call;

static void *caller(void *unused) {
    (void)unused;
    call.thread = (int)syscall(SYS_gettid);
    call.error = collapse();
    call.done = 1;
    return NULL;
}

// Whether a thread sleeps so that nothing but what it waits for wakes it.
static int waits(int thread) {
    char name[64], text[512] = "";
    snprintf(name, sizeof name, "/proc/self/task/%d/stat", thread);
    FILE *stat = fopen(name, "re");
    if (!stat) return 0;
    if (!fgets(text, sizeof text, stat)) text[0] = 0;
    fclose(stat);
    char *end = strrchr(text, ')');
    return end && end[1] && end[2] == 'D';
}

// Pages of a filesystem on a loop device, whose file's filesystem is frozen: the device does one request after the other, and none
// after one that writes.
static void stuck(int locked) {
    // In the middle of the chunk, so that what comes before was set aside when the call comes to it.
    enum { FIRST = 300, END = 304 };
    static struct state before, after;
    make_file(0);
    int writer = open(path, O_RDWR | O_CLOEXEC);
    if (writer < 0) die("open %s", path);
    if (locked) {
        // Another chunk, for the device to be stuck at.
        char page[PAGE] = "";
        if (pwrite(writer, page, PAGE, CHUNK) != PAGE || fsync(writer) != 0) die("write %s", path);
        posix_fadvise(writer, FIRST * PAGE, (END - FIRST) * PAGE, POSIX_FADV_DONTNEED);
    }
    map_file();
    int directory = open(frozen, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0 || ioctl(directory, FIFREEZE, 0) != 0) die("freeze %s", frozen);
    atexit(thaw);
    if (locked) {
        char page[PAGE] = "";
        if (pwrite(writer, page, PAGE, CHUNK) != PAGE) die("write %s", path);
    } else {
        write_pages(writer, FIRST, END);
    }
    if (sync_file_range(writer, 0, 2 * CHUNK, SYNC_FILE_RANGE_WRITE) != 0) die("start the writeback of %s", path);
    close(writer);
    if (locked) {
        if (posix_fadvise(file, FIRST * PAGE, (END - FIRST) * PAGE, POSIX_FADV_WILLNEED) != 0) die("start to read %s", path);
        memset(awaited + FIRST, 1, END - FIRST);
    }
    touch();
    look(&before);
    int under = count(&before, WRITEBACK), absent_now = 0;
    for (int i = 0; i < COUNT; i++) absent_now += !before.pages[i].cached;
    tell(",\"underWriteback\":%d,\"beingRead\":%d", under, absent_now);
    clear_trace();
    pthread_t thread;
    if (pthread_create(&thread, NULL, caller, NULL) != 0) die("make a thread");
    // Either it returns, or it has met the pages and waits for them.
    while (!call.done && (strcmp(reason(), "none") == 0 || !waits(call.thread))) poll(NULL, 0, 1);
    int waited = !call.done;
    tell(",\"waits\":%s", waited ? "true" : "false");
    tell_result(waited ? 0 : call.error);
    look(&after);
    same("pages under writeback", under, count(&after, WRITEBACK));
    compare(&before, &after);
    tell(",\"unmapped\":%d", unmapped);
    check_bytes(&before, 1);
    say("there");
    thaw();
    memset(awaited, 0, sizeof awaited);
    pthread_join(thread, NULL);
    if (waited) {
        check_success(&before, call.error);
        return;
    }
    if (fdatasync(file) != 0) die("fdatasync %s", path);
    succeed();
}

// MARK: Swap

// How much of a loop device there is, in bytes; 0: all. Beyond that every read fails with EIO, and nothing of its file changes.
static void limit(const char *device, uint64_t bytes) {
    int loop = open(device, O_RDWR | O_CLOEXEC);
    struct loop_info64 information;
    if (loop < 0 || ioctl(loop, LOOP_GET_STATUS64, &information) != 0) die("ask %s", device);
    information.lo_sizelimit = bytes;
    if (ioctl(loop, LOOP_SET_STATUS64, &information) != 0) die("set the size of %s", device);
    close(loop);
}

static void swap(const char *device, const char *group) {
    enum { FIRST = 200, END = 264 };
    static struct state before, after;
    char procs[256], reclaim[256], process[32];
    snprintf(procs, sizeof procs, "%s/cgroup.procs", group);
    snprintf(reclaim, sizeof reclaim, "%s/memory.reclaim", group);
    snprintf(process, sizeof process, "%d", (int)getpid());
    must_put(procs, process);
    // Each page by itself: neighbours that are read along with one would be in the swap cache.
    must_put("/proc/sys/vm/page-cluster", "0");
    make_file(1);
    map_file();
    touch();
    // All but these pages stays, this program too.
    if (mlockall(MCL_CURRENT | MCL_ONFAULT) != 0 || munlock(place + FIRST * PAGE, (END - FIRST) * PAGE) != 0) die("mlockall");
    if (madvise(place + FIRST * PAGE, (END - FIRST) * PAGE, MADV_PAGEOUT) != 0) die("MADV_PAGEOUT");
    unsigned char cached[END - FIRST];
    for (int rest = 1; rest;) {
        // What was written to the device is in the swap cache until somebody wants the memory; EAGAIN says that it was not all had.
        put(reclaim, "1M");
        if (mincore(place + FIRST * PAGE, (END - FIRST) * PAGE, cached) != 0) die("mincore");
        rest = 0;
        for (int i = 0; i < END - FIRST; i++) rest += cached[i] & 1;
    }
    if (munlock(place, CHUNK) != 0) die("munlock");
    limit(device, PAGE);
    look(&before);
    int swapped = 0;
    for (int i = 0; i < COUNT; i++) swapped += !before.pages[i].cached && !absent[i];
    tell(",\"swapped\":%d", swapped);
    clear_trace();
    int error = collapse();
    tell_result(error);
    look(&after);
    compare(&before, &after);
    tell(",\"unmapped\":%d", unmapped);
    // A page that the device does not give back is what it was before: one that cannot be read.
    char byte;
    lost[END - 2] = 1;
    if (pread(file, &byte, 1, (off_t)(END - 2) * PAGE) != -1 || errno != EIO) differ("a swapped page is read without its device");
    limit(device, 0);
    // The device answers again. The page that the call came to is lost for good, as it is after a read(2) or a fault (Linux 6.1
    // mm/shmem.c shmem_set_folio_swapin_error(), measured 6.1 6.12 7.3), and no other.
    lost[FIRST] = 1;
    check_bytes(&before, 1);
    say("there");
    // What is lost is made a hole, and written anew.
    int writer = open(path, O_WRONLY | O_CLOEXEC);
    for (int i = FIRST; i < END; i++) {
        if (!lost[i]) continue;
        if (fallocate(writer, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)i * PAGE, PAGE) != 0) die("punch %s", path);
        lost[i] = 0;
        write_pages(writer, i, i + 1);
    }
    close(writer);
    succeed();
}

// MARK: Userfaultfd

// All is copied, charged and filled when the call asks who waits for a hole.
static void watched(void) {
    static struct state before, after;
    make_file(1);
    map_file();
    int writer = open(path, O_RDWR | O_CLOEXEC);
    char *watch = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_SHARED, writer, 0);
    int monitor = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
    struct uffdio_api api = {.api = UFFD_API};
    struct uffdio_register range = {.range = {(uintptr_t)watch, CHUNK}, .mode = UFFDIO_REGISTER_MODE_MISSING};
    if (writer < 0 || watch == MAP_FAILED || monitor < 0) die("watch %s", path);
    if (ioctl(monitor, UFFDIO_API, &api) != 0 || ioctl(monitor, UFFDIO_REGISTER, &range) != 0) die("register %s", path);
    touch();
    look(&before);
    clear_trace();
    int error = collapse();
    if (!error) {
        check_success(&before, error);
        return;
    }
    tell_result(error);
    look(&after);
    compare(&before, &after);
    tell(",\"unmapped\":%d", unmapped);
    check_bytes(&before, 1);
    say("there");
    close(monitor);
    succeed();
}

// MARK: Allocation

static const char *const debug = "/sys/kernel/debug";

// One way to have allocations of this program fail: from the `step` times `nth` unit on that a fault attribute counts, or the nth alone.
struct way {
    const char *name, *attribute, *cache;
    int least_order;
    uint64_t base, step;
};

// Kept open: to open a file is to allocate.
static int nth_knob, task_knob;

static void set(const char *attribute, const char *name, uint64_t value) {
    char knob[256], text[32];
    snprintf(knob, sizeof knob, "%s/%s/%s", debug, attribute, name);
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    must_put(knob, text);
}

static uint64_t get(const char *name) {
    uint64_t value = 0;
    FILE *knob = fopen(name, "re");
    if (!knob || fscanf(knob, "%lu", &value) != 1) die("read %s", name);
    fclose(knob);
    return value;
}

static void turn(int knob, unsigned value) {
    char text[16];
    int length = snprintf(text, sizeof text, "%u", value);
    if (pwrite(knob, text, length, 0) != length) die("write %s to a knob of /proc/self", text);
}

enum { TIMES = 1000000 };

static void arm(const struct way *way, unsigned nth) {
    if (!way->attribute) {
        turn(nth_knob, nth);
        return;
    }
    set(way->attribute, "space", way->base + (nth - 1) * way->step);
    set(way->attribute, "times", TIMES);
    turn(task_knob, 1);
}

// Ends it, and says how many allocations have failed.
static unsigned disarm(const struct way *way) {
    if (way->attribute) {
        turn(task_knob, 0);
        char knob[256];
        snprintf(knob, sizeof knob, "%s/%s/times", debug, way->attribute);
        return TIMES - get(knob);
    }
    char text[16] = "";
    if (pread(nth_knob, text, sizeof text - 1, 0) <= 0) die("read /proc/thread-self/fail-nth");
    turn(nth_knob, 0);
    return text[0] == '0';
}

// Brings the file back to what it was before a call: made anew on shmem, read in anew from a disk.
static void prepare(void) {
    unmap(place);
    if (is_shmem || file < 0) {
        if (file >= 0) close(file);
        make_file(1);
    }
    if (!is_shmem) {
        char byte;
        posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
        posix_fadvise(file, 0, 0, POSIX_FADV_RANDOM);
        for (int i = 0; i < COUNT; i++)
            if (!gap[i] && pread(file, &byte, 1, (off_t)i * PAGE) != 1) die("read %s", path);
    }
    map_file();
    touch();
}

// Calls again and again, each time with a later allocation that fails, until none is left that could.
static void sweep(const struct way *way) {
    static struct state before, after;
    static struct outcome {
        int error, count;
        char reason[64];
    } outcomes[16];
    memset(outcomes, 0, sizeof outcomes);
    if (way->attribute) {
        set(way->attribute, "probability", 100);
        must_put("/sys/kernel/debug/failslab/cache-filter", way->cache ? "Y" : "N");
        if (way->least_order) set(way->attribute, "min-order", way->least_order);
    }
    int calls = 0, most_read_in = 0, error = 0;
    unsigned injected = 1;
    while (injected) {
        prepare();
        look(&before);
        clear_trace();
        arm(way, ++calls);
        error = collapse();
        injected = disarm(way);
        const char *why = reason();
        struct outcome *outcome = outcomes;
        while (outcome->count && (outcome->error != error || strcmp(outcome->reason, why) != 0)) outcome++;
        if (outcome == outcomes + 15) die("too many outcomes");
        outcome->error = error;
        strcpy(outcome->reason, why);
        outcome->count++;
        look(&after);
        if (error) {
            compare(&before, &after);
            if (read_in > most_read_in) most_read_in = read_in;
        } else if (after.pmd != CHUNK) {
            differ("call %d succeeds and nothing is collapsed", calls);
        }
        check_bytes(&before, error);
        // What is still being read in when the call comes to it is locked.
        while (!injected && error == EAGAIN) error = collapse();
        if (count_of_differences) {
            differ("after call %d, %s %s", calls, error ? strerrorname_np(error) : "0", why);
            break;
        }
    }
    if (error) differ("the last call, in which nothing failed, failed");
    if (way->attribute) {
        set(way->attribute, "probability", 0);
        if (way->least_order) set(way->attribute, "min-order", 0);
        must_put("/sys/kernel/debug/failslab/cache-filter", "N");
    }
    tell(",\"calls\":%d,\"readIn\":%d,\"outcomes\":[", calls, most_read_in);
    for (struct outcome *outcome = outcomes; outcome->count; outcome++)
        tell("%s{\"errno\":\"%s\",\"reason\":\"%s\",\"calls\":%d}", outcome == outcomes ? "" : ",",
             outcome->error ? strerrorname_np(outcome->error) : "0", outcome->reason, outcome->count);
    tell("]");
    say(way->name);
}

static void allocation(void) {
    static const char *const node = "/sys/kernel/slab/radix_tree_node";
    char knob[256];
    nth_knob = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
    task_knob = open("/proc/self/make-it-fail", O_WRONLY | O_CLOEXEC);
    if (nth_knob < 0 || task_knob < 0) die("open /proc/self/fail-nth");
    for (const char *const *name = (const char *const[]){"failslab", "fail_page_alloc", "fail_make_request", NULL}; *name; name++) {
        set(*name, "verbose", 0);
        snprintf(knob, sizeof knob, "%s/%s/task-filter", debug, *name);
        must_put(knob, "Y");
    }
    must_put("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
    must_put("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N");
    must_put("/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N");
    set("fail_page_alloc", "min-order", 0);
    snprintf(knob, sizeof knob, "%s/failslab", node);
    must_put(knob, "1");
    snprintf(knob, sizeof knob, "%s/object_size", node);
    const struct way ways[] = {
        // The huge folio.
        {"huge", "fail_page_alloc", NULL, 9, 0, 1024},
        // Each allocation and each block request, alone.
        {"each", NULL, NULL, 0, 0, 0},
        // All nodes of the page cache from one on.
        {"nodes", "failslab", "radix_tree_node", 0, 1, get(knob)},
        // All pages from one on, when the huge folio is there.
        {"pages", "fail_page_alloc", NULL, 0, 513, 1},
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) sweep(&ways[i]);
}

static int usage(void) {
    fprintf(stderr, "usage: rollback writeback|locked FILE FROZEN | swap FILE DEVICE GROUP | watched FILE | allocation FILE\n");
    return 2;
}

int main(int arguments, char **argument) {
    if (arguments < 3) return usage();
    path = argument[2];
    signal(SIGBUS, on_bus_error);
    reserve();
    start_trace();
    const char *what = argument[1];
    int locked = strcmp(what, "locked") == 0;
    if ((locked || strcmp(what, "writeback") == 0) && arguments == 4) frozen = argument[3], stuck(locked);
    else if (strcmp(what, "swap") == 0 && arguments == 5) swap(argument[3], argument[4]);
    else if (strcmp(what, "watched") == 0 && arguments == 3) watched();
    else if (strcmp(what, "allocation") == 0 && arguments == 3) allocation();
    else return usage();
    return failed;
}
