#include "folio_plugin.h"
#include <stdio.h>
static int answer(void *context, const struct folio_plugin_question *question, struct folio_plugin_answer *answer) {
    (void)context, (void)question, (void)answer;
    /* Says in its source which capabilities it has and whether it may write to a file. */
    unsigned long long effective = 1, bounding = 1;
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status)) {
        sscanf(line, "CapEff: %llx", &effective);
        sscanf(line, "NoNewPrivs: %llu", &bounding);
    }
    snprintf(line, sizeof line, "6.18 effective %llx, no_new_privs %llu", effective, bounding);
    answer->kind = FOLIO_PLUGIN_SHMEM;
    return folio_plugin_copy(answer->source, answer->source_size, line);
}

static const struct folio_plugin plugin = {sizeof plugin, FOLIO_PLUGIN_ABI, "powers", "1.0", 0, answer};
const struct folio_plugin *folio_plugin_entry(uint32_t host) { (void)host; return &plugin; }
