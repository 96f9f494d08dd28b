#include "folio_socket.h"
#include <sys/socket.h>

int folio_socket_peer(int socket, struct folio_peer *peer) {
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return -1;
    *peer = (struct folio_peer){credentials.pid, credentials.uid, credentials.gid};
    return 0;
}
