/* The largest folio of examplefs is a stripe of it, which the mount option stripe=BYTES tells: arithmetic, and so code. */
#include "folio_plugin.h"
#include <stdlib.h>

static int answer(void *context, const struct folio_plugin_question *question, struct folio_plugin_answer *answer) {
    (void)context;
    static const char source[] = "6.16 fs/examplefs/inode.c examplefs_stripe_order()";
    const char *stripe = folio_plugin_option(question, "stripe");
    uint32_t order = 0, largest = question->pmd_order < question->maximum_order ? question->pmd_order : question->maximum_order;
    if (question->mount_options == NULL) {
        answer->kind = FOLIO_PLUGIN_UNKNOWN;
        folio_plugin_copy(answer->missing, answer->missing_size, "filesystem.mountOptions");
        return folio_plugin_copy(answer->source, answer->source_size, source);
    }
    if (stripe == NULL) {
        answer->kind = FOLIO_PLUGIN_ABSTAIN;
        return 0;
    }
    while (order < largest && (unsigned long long)question->page_size << (order + 1) <= strtoull(stripe, NULL, 10)) order++;
    answer->kind = FOLIO_PLUGIN_ORDERS;
    answer->maximum_order = order;
    return folio_plugin_copy(answer->source, answer->source_size, source);
}

static const struct folio_plugin plugin = {
    .size = sizeof plugin,
    .abi = FOLIO_PLUGIN_ABI,
    .name = "examplefs",
    .version = "1.0",
    .answer = answer,
};

const struct folio_plugin *folio_plugin_entry(uint32_t host_abi) {
    return host_abi >> 16 == FOLIO_PLUGIN_ABI_MAJOR ? &plugin : NULL;
}
