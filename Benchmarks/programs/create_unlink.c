// create_unlink DIRECTORY COUNT SIZE: makes COUNT files of SIZE bytes in DIRECTORY, then unlinks them; prints the seconds of
// the one and of the other.
#define _GNU_SOURCE
#include "clock.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int count, char **words) {
    if (count != 4) return 2;
    int files = atoi(words[2]);
    size_t size = (size_t)atol(words[3]);
    char *bytes = calloc(1, size ? size : 1);
    int directory = open(words[1], O_PATH | O_DIRECTORY);
    if (directory < 0) fail("open", words[1]);
    char name[32];
    double start = now();
    for (int index = 0; index < files; index++) {
        snprintf(name, sizeof name, "file-%06d", index);
        int file = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL, 0644);
        if (file < 0) fail("create", name);
        if (size && write(file, bytes, size) != (ssize_t)size) fail("write", name);
        if (close(file)) fail("close", name);
    }
    double middle = now();
    for (int index = 0; index < files; index++) {
        snprintf(name, sizeof name, "file-%06d", index);
        if (unlinkat(directory, name, 0)) fail("unlink", name);
    }
    printf("%.6f\n%.6f\n", middle - start, now() - middle);
}
