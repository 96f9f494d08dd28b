#include "folio_cachestat.h"
#include <sys/syscall.h>
#include <unistd.h>

#ifdef SYS_cachestat
_Static_assert(SYS_cachestat == 451, "cachestat");
#endif
_Static_assert(sizeof(struct folio_cachestat_pages) == 40, "struct cachestat");

int folio_cachestat(int descriptor, uint64_t offset, uint64_t length, struct folio_cachestat_pages *pages) {
    struct {
        uint64_t offset, length;
    } range = {offset, length};
    return (int)syscall(451, descriptor, &range, pages, 0);
}
