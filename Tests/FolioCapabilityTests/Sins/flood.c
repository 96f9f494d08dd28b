#include "folio_plugin.h"
#include <unistd.h>
static int answer(void *context, const struct folio_plugin_question *question, struct folio_plugin_answer *answer) {
    (void)context, (void)question, (void)answer;
    static const char block[4096];
    for (;;) if (write(1, block, sizeof block) < 0) return 1;
    return 0;
}

static const struct folio_plugin plugin = {sizeof plugin, FOLIO_PLUGIN_ABI, "flood", "1.0", 0, answer};
const struct folio_plugin *folio_plugin_entry(uint32_t host) { (void)host; return &plugin; }
