// open_read_close DIRECTORY LIST PASSES: opens every name of LIST below DIRECTORY, reads up to 4 KiB of it, closes it, and
// prints the seconds of each pass.
#define _GNU_SOURCE
#include "names.h"
#include <fcntl.h>
#include <unistd.h>

int main(int count, char **words) {
    if (count != 4) return 2;
    struct names list = read_names(words[2]);
    int directory = open(words[1], O_PATH | O_DIRECTORY);
    if (directory < 0) fail("open", words[1]);
    for (int pass = 0; pass < atoi(words[3]); pass++) {
        double start = now();
        for (size_t index = 0; index < list.count; index++) {
            char bytes[4096];
            int file = openat(directory, list.name[index], O_RDONLY);
            if (file < 0) fail("open", list.name[index]);
            if (read(file, bytes, sizeof bytes) < 0) fail("read", list.name[index]);
            if (close(file)) fail("close", list.name[index]);
        }
        printf("%.6f\n", now() - start);
    }
}
