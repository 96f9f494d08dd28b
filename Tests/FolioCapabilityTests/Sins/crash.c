#include "folio_plugin.h"
#include <signal.h>
static int answer(void *context, const struct folio_plugin_question *question, struct folio_plugin_answer *answer) {
    (void)context, (void)question, (void)answer;
    raise(SIGSEGV);
    return 0;
}

static const struct folio_plugin plugin = {sizeof plugin, FOLIO_PLUGIN_ABI, "crash", "1.0", 0, answer};
const struct folio_plugin *folio_plugin_entry(uint32_t host) { (void)host; return &plugin; }
