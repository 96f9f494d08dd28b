// A list of names, one a line, held as an array.
#ifndef FOLIO_BENCHMARK_NAMES_H
#define FOLIO_BENCHMARK_NAMES_H
#include "clock.h"

struct names {
    char **name;
    size_t count;
};

/// Reads the whole list; ends the program where it cannot.
static inline struct names read_names(const char *path) {
    struct names list = {0};
    FILE *file = fopen(path, "r");
    if (!file) fail("open", path);
    char *line = NULL;
    size_t room = 0, held = 0;
    ssize_t length;
    while ((length = getline(&line, &room, file)) > 0) {
        line[length - 1] = 0;
        if (list.count == held) {
            held = held ? 2 * held : 4096;
            list.name = realloc(list.name, held * sizeof *list.name);
            if (!list.name) fail("hold", path);
        }
        list.name[list.count++] = strdup(line);
    }
    free(line);
    fclose(file);
    return list;
}
#endif
