#include "folio_plugin.h"
static const struct folio_plugin plugin = {8, FOLIO_PLUGIN_ABI, "short", "1.0", 0, 0};
const struct folio_plugin *folio_plugin_entry(uint32_t host) { (void)host; return &plugin; }
