// Maps a file as any program would, with no madvise, touches one byte of every page, and prints as JSON what that cost
// and how much of the mapping is PMD-mapped afterwards (/proc/self/smaps).
// usage: touch [--exec] FILE    (--exec maps it PROT_READ|PROT_EXEC)
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *action, const char *path) {
    fprintf(stderr, "touch: cannot %s %s: %s\n", action, path, strerror(errno));
    exit(1);
}

static unsigned long long field(const char *line, const char *name) {
    size_t length = strlen(name);
    if (strncmp(line, name, length) != 0 || line[length] != ':') return 0;
    return strtoull(line + length + 1, NULL, 10) * 1024;
}

int main(int argc, char **argv) {
    int protection = PROT_READ;
    if (argc == 3 && strcmp(argv[1], "--exec") == 0) {
        protection |= PROT_EXEC;
        argv++;
        argc--;
    }
    if (argc != 2) {
        fprintf(stderr, "usage: touch [--exec] FILE\n");
        return 2;
    }
    int descriptor = open(argv[1], O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) fail("open", argv[1]);
    struct stat status;
    if (fstat(descriptor, &status) != 0) fail("stat", argv[1]);
    size_t length = (size_t)status.st_size;
    if (length == 0) {
        fprintf(stderr, "touch: cannot map %s: it is empty\n", argv[1]);
        return 1;
    }
    const unsigned char *bytes = mmap(NULL, length, protection, MAP_PRIVATE, descriptor, 0);
    if (bytes == MAP_FAILED) fail("map", argv[1]);

    struct rusage before, after;
    struct timespec start, end;
    unsigned sum = 0;
    getrusage(RUSAGE_SELF, &before);
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (size_t offset = 0; offset < length; offset += 4096) sum += ((const volatile unsigned char *)bytes)[offset];
    clock_gettime(CLOCK_MONOTONIC, &end);
    getrusage(RUSAGE_SELF, &after);

    // Whole PMD chunks of the file that lie in the mapping: what could be PMD-mapped at most.
    const size_t pmd = 2u << 20;
    int congruent = ((uintptr_t)bytes % pmd) == 0;
    size_t whole = congruent ? length / pmd * pmd : 0;

    unsigned long long rss = 0, file = 0, shmem = 0;
    char line[4096];
    int ours = 0;
    FILE *smaps = fopen("/proc/self/smaps", "re");
    if (!smaps) fail("read", "/proc/self/smaps");
    while (fgets(line, sizeof line, smaps)) {
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            ours = from >= (uintptr_t)bytes && from < (uintptr_t)bytes + length;
        else if (ours) {
            rss += field(line, "Rss");
            file += field(line, "FilePmdMapped");
            shmem += field(line, "ShmemPmdMapped");
        }
    }
    fclose(smaps);
    double seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
    printf("{\"size\":%zu,\"wholeChunkBytes\":%zu,\"congruent\":%s,\"seconds\":%.6f,\"minorFaults\":%ld,\"majorFaults\":%ld,"
           "\"rss\":%llu,\"filePmdMapped\":%llu,\"shmemPmdMapped\":%llu,\"sum\":%u}\n",
           length, whole, congruent ? "true" : "false", seconds, after.ru_minflt - before.ru_minflt,
           after.ru_majflt - before.ru_majflt, rss, file, shmem, sum);
    return 0;
}
