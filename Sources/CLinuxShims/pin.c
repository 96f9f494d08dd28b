#include "folio_pin.h"
#include <fcntl.h>
#include <sys/uio.h>

ssize_t folio_vmsplice(int pipe, const void *address, size_t length) {
    struct iovec range = {.iov_base = (void *)address, .iov_len = length};
    return vmsplice(pipe, &range, 1, 0);
}
