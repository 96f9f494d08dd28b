#include "folio_plugin.h"
#include <unistd.h>
static int answer(void *context, const struct folio_plugin_question *question, struct folio_plugin_answer *answer) {
    (void)context, (void)question, (void)answer;
    return write(3, "\377\377\377\377 this is no answer", 22) < 0;
}

static const struct folio_plugin plugin = {sizeof plugin, FOLIO_PLUGIN_ABI, "scribble", "1.0", 0, answer};
const struct folio_plugin *folio_plugin_entry(uint32_t host) { (void)host; return &plugin; }
