#include "folio_plugin.h"
const struct folio_plugin *folio_plugin_entry(uint32_t host) { (void)host; return NULL; }
