#include "folio_plugin.h"
static int answer(void *context, const struct folio_plugin_question *question, struct folio_plugin_answer *answer) {
    (void)context, (void)question, (void)answer;
    answer->kind = FOLIO_PLUGIN_ORDERS;
    answer->maximum_order = strstr(question->path, "small") ? 0 : question->pmd_order;
    if (strstr(question->path, "elsewhere")) {
        answer->kind = FOLIO_PLUGIN_FILESYSTEM;
        folio_plugin_copy(answer->filesystem, answer->filesystem_size, "tmpfs huge=within_size,ro");
    }
    answer->writes = folio_plugin_option(question, "sync") ? FOLIO_PLUGIN_WRITES_THROUGH : FOLIO_PLUGIN_WRITES_BACK;
    return folio_plugin_copy(answer->source, answer->source_size, "6.18 fs/good.c");
}

static const struct folio_plugin plugin = {sizeof plugin, FOLIO_PLUGIN_ABI, "good", "1.0", 0, answer};
const struct folio_plugin *folio_plugin_entry(uint32_t host) { (void)host; return &plugin; }
