// SCHED_IDLE is hidden from Swift, and ioprio_set(2) has no wrapper in glibc. Goes when Swift imports both.
#ifndef FOLIO_PRIORITY_H
#define FOLIO_PRIORITY_H

/// sched_setscheduler(SCHED_IDLE) of the calling thread. Returns 0, or -1 with errno.
int folio_idle_processor_priority(void);
/// ioprio_set(IOPRIO_CLASS_IDLE) of the calling thread. Returns 0, or -1 with errno.
int folio_idle_disk_priority(void);
#endif
