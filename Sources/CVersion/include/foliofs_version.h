// What this build is of. In C, in a target of its own, because a definition on the compiler's command line has what sees it compiled
// anew, and a new commit is to cost one small file.
#ifndef FOLIOFS_VERSION_H
#define FOLIOFS_VERSION_H
/// The commit that was built, "-dirty" after it where files had been changed; "unknown" without git.
const char *foliofs_commit(void);
#endif
