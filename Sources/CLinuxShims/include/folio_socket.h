// SO_PEERCRED: struct ucred is behind _GNU_SOURCE.
#ifndef FOLIO_SOCKET_H
#define FOLIO_SOCKET_H
#include <sys/types.h>

/// Who connected a unix(7) socket.
struct folio_peer {
    pid_t process;
    uid_t user;
    gid_t group;
};

/// Returns 0, or -1 with errno.
int folio_socket_peer(int socket, struct folio_peer *peer);
#endif
