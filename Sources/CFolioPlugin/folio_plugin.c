#include "folio_plugin.h"

_Static_assert(FOLIO_PLUGIN_ABI == (FOLIO_PLUGIN_ABI_MAJOR << 16 | FOLIO_PLUGIN_ABI_MINOR), "FOLIO_PLUGIN_ABI");
_Static_assert(offsetof(struct folio_plugin, abi) == 4, "size and abi come first, in every version");
_Static_assert(sizeof(void *) != 8 || sizeof(struct folio_plugin) == 40, "struct folio_plugin of ABI 1.0");
_Static_assert(sizeof(void *) != 8 || sizeof(struct folio_plugin_question) == 56, "struct folio_plugin_question of ABI 1.0");
_Static_assert(sizeof(void *) != 8 || offsetof(struct folio_plugin_answer, filesystem) == 72, "what ABI 1.0 has of struct folio_plugin_answer");
_Static_assert(sizeof(void *) != 8 || sizeof(struct folio_plugin_answer) == 88, "struct folio_plugin_answer of ABI 1.1");
