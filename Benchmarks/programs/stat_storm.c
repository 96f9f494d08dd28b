// stat_storm DIRECTORY LIST PASSES: stats every name of LIST below DIRECTORY and prints the seconds of each pass.
#define _GNU_SOURCE
#include "names.h"
#include <fcntl.h>
#include <sys/stat.h>

int main(int count, char **words) {
    if (count != 4) return 2;
    struct names list = read_names(words[2]);
    int directory = open(words[1], O_PATH | O_DIRECTORY);
    if (directory < 0) fail("open", words[1]);
    for (int pass = 0; pass < atoi(words[3]); pass++) {
        double start = now();
        for (size_t index = 0; index < list.count; index++) {
            struct stat status;
            if (fstatat(directory, list.name[index], &status, AT_SYMLINK_NOFOLLOW)) fail("stat", list.name[index]);
        }
        printf("%.6f\n", now() - start);
    }
}
