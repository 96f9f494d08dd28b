// Runs a command, unmodified, and looks at it through /proc/PID/smaps while it runs: how much of the text it maps from
// files whose path ends in SUFFIX is resident, and how much of that is PMD-mapped. Prints the sample with the most resident text, as JSON.
// usage: observe SUFFIX COMMAND [ARGUMENT…]
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct sample {
    unsigned long long size, rss, file, shmem;
};

static unsigned long long field(const char *line, const char *name) {
    size_t length = strlen(name);
    if (strncmp(line, name, length) != 0 || line[length] != ':') return 0;
    return strtoull(line + length + 1, NULL, 10) * 1024;
}

static int ends(char *text, const char *suffix) {
    text[strcspn(text, "\n")] = 0;
    size_t length = strlen(text), tail = strlen(suffix);
    return length >= tail && strcmp(text + length - tail, suffix) == 0;
}

/// Sums the executable mappings of one process; all zero when it is gone or maps none.
static struct sample look(pid_t process, const char *suffix) {
    struct sample sum = {0, 0, 0, 0};
    char path[64], line[8192], permissions[8];
    snprintf(path, sizeof path, "/proc/%d/smaps", (int)process);
    FILE *smaps = fopen(path, "re");
    if (!smaps) return sum;
    int ours = 0;
    while (fgets(line, sizeof line, smaps)) {
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx %7s", &from, &to, permissions) == 3) {
            ours = permissions[2] == 'x' && ends(line, suffix);
        } else if (ours) {
            sum.size += field(line, "Size");
            sum.rss += field(line, "Rss");
            sum.file += field(line, "FilePmdMapped");
            sum.shmem += field(line, "ShmemPmdMapped");
        }
    }
    fclose(smaps);
    return sum;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: observe SUFFIX COMMAND [ARGUMENT...]\n");
        return 2;
    }
    struct timespec start, end, pause = {0, 20 * 1000 * 1000};
    clock_gettime(CLOCK_MONOTONIC, &start);
    pid_t child = fork();
    if (child < 0) {
        fprintf(stderr, "observe: cannot start %s: %s\n", argv[2], strerror(errno));
        return 1;
    }
    if (child == 0) {
        execvp(argv[2], argv + 2);
        fprintf(stderr, "observe: cannot run %s: %s\n", argv[2], strerror(errno));
        _exit(127);
    }
    struct sample most = {0, 0, 0, 0};
    int status = 0, samples = 0;
    struct rusage usage;
    while (wait4(child, &status, WNOHANG, &usage) == 0) {
        struct sample now = look(child, argv[1]);
        if (now.rss >= most.rss && now.rss) most = now;
        samples++;
        nanosleep(&pause, NULL);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    printf("{\"status\":%d,\"seconds\":%.6f,\"samples\":%d,\"size\":%llu,\"rss\":%llu,\"filePmdMapped\":%llu,"
           "\"shmemPmdMapped\":%llu,\"minorFaults\":%ld,\"majorFaults\":%ld}\n",
           code, seconds, samples, most.size, most.rss, most.file, most.shmem, usage.ru_minflt, usage.ru_majflt);
    return code;
}
