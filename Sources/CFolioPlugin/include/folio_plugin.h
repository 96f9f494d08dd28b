/*
 * The C ABI of FolioFS's native capability plugins: the one public header.
 *
 * A native plugin is a shared library that exports
 *
 *     const struct folio_plugin *folio_plugin_entry(uint32_t host_abi);
 *
 * It is loaded into a child process of its own, which has no capabilities, may not gain any, and is killed when an
 * answer takes too long. What it writes to standard output and standard error is thrown away, and too much of it ends
 * the process. Whatever it does costs its own answer, which is then "unknown", and nothing else.
 *
 * Versions. Every struct begins with its size as its writer knows it. A struct grows at its end, by minor versions of the
 * ABI; a reader looks at no field that lies beyond the size. A major version may change anything, and both sides must
 * have the same. The host gives its own version to folio_plugin_entry; a plugin that cannot serve it returns NULL.
 *
 * Ownership. All memory of a question and of an answer is the host's, and valid during the call only; the plugin fills
 * the answer's buffers and keeps no pointer. The struct that folio_plugin_entry returns, and all it points to, is the
 * plugin's and must stay as it is until the process ends. A plugin is never unloaded.
 *
 * Threads. The host calls folio_plugin_entry once and then `answer`, one call at a time, all from one thread. A plugin may
 * have threads of its own.
 */
#ifndef FOLIO_PLUGIN_H
#define FOLIO_PLUGIN_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header: the major half must be equal, the minor half tells how far structs have grown. */
enum { FOLIO_PLUGIN_ABI_MAJOR = 1, FOLIO_PLUGIN_ABI_MINOR = 1, FOLIO_PLUGIN_ABI = 1 << 16 | 1 };

/* What an answer says of the orders. */
enum folio_plugin_kind {
    /* Nothing: the rows of the manifest answer. */
    FOLIO_PLUGIN_ABSTAIN = 0,
    /* It cannot be known; `missing` names the fact that is lacking. */
    FOLIO_PLUGIN_UNKNOWN = 1,
    /* From minimum_order to maximum_order; 0 and 0: single pages only. */
    FOLIO_PLUGIN_ORDERS = 2,
    /* Those of shmem: 0 or the PMD order, by its own controls. */
    FOLIO_PLUGIN_SHMEM = 3,
    /* Those of the filesystem that holds `layer`, which is where the file's pages are. */
    FOLIO_PLUGIN_LAYER = 4,
    /* Those of the filesystem that `filesystem` describes, where the file's pages are and no path leads. Since 1.1. */
    FOLIO_PLUGIN_FILESYSTEM = 5,
};

/* Yes, no, or not said: then the rows of the manifest answer. */
enum folio_plugin_word { FOLIO_PLUGIN_NOT_SAID = 0, FOLIO_PLUGIN_YES = 1, FOLIO_PLUGIN_NO = 2 };

/* What write(2) leaves in the page cache. */
enum folio_plugin_writes {
    FOLIO_PLUGIN_WRITES_NOT_SAID = 0,
    FOLIO_PLUGIN_WRITES_NONE = 1,
    FOLIO_PLUGIN_WRITES_THROUGH = 2,
    FOLIO_PLUGIN_WRITES_BACK = 3,
};

/* What is asked: about one file, on the running kernel or another. */
struct folio_plugin_question {
    /* Bytes of this struct. */
    uint32_t size;
    /* The kernel that is asked about; 0 0 0: unknown. */
    uint32_t kernel_major, kernel_minor, kernel_patch;
    /* Bytes in a page. */
    uint32_t page_size;
    /* The order of the folio that one PMD entry maps; the largest order a page cache can hold. */
    uint32_t pmd_order, maximum_order;
    /* Bytes in a block of the filesystem; 0: unknown. */
    uint32_t block_size;
    /* The file's absolute path. */
    const char *path;
    /* The type as /proc/self/mountinfo names it. */
    const char *filesystem;
    /* "name" or "name=value", NULL at the end. NULL itself: unknown. */
    const char *const *mount_options;
};

/* What is answered. The host has zeroed it and set `size` and the buffers. */
struct folio_plugin_answer {
    /* Bytes of this struct. */
    uint32_t size;
    /* enum folio_plugin_kind. */
    uint32_t kind;
    /* For FOLIO_PLUGIN_ORDERS. */
    uint32_t minimum_order, maximum_order;
    /* enum folio_plugin_word. */
    uint32_t large_folio_writes, passthrough_backing, aligns_mappings;
    /* enum folio_plugin_writes. */
    uint32_t writes;
    /* Buffers of the host's, each with its size in bytes; a text ends with NUL. */
    uint32_t layer_size, source_size, missing_size;
    /* For FOLIO_PLUGIN_LAYER: the absolute path of the file whose pages are mapped. */
    char *layer;
    /* Whence it is known: kernel version, file and function. Not empty unless the plugin abstains. */
    char *source;
    /* For FOLIO_PLUGIN_UNKNOWN: the fact that is lacking, like "filesystem.layers". */
    char *missing;
    /* For FOLIO_PLUGIN_FILESYSTEM: its type, and after a space its mount options, all that are set, with commas between them:
     * "tmpfs huge=within_size,rw". Without the space they are unknown. Since 1.1: there if `size` reaches so far. */
    char *filesystem;
    uint32_t filesystem_size;
};

/* The plugin. */
struct folio_plugin {
    /* Bytes of this struct. */
    uint32_t size;
    /* FOLIO_PLUGIN_ABI as the plugin was built with. */
    uint32_t abi;
    /* Its name and its own version, for people. */
    const char *name;
    const char *version;
    /* Handed to `answer`. */
    void *context;
    /* Fills the answer. Returns 0, or anything else to say that it cannot: the answer is then "unknown". */
    int (*answer)(void *context, const struct folio_plugin_question *question, struct folio_plugin_answer *answer);
};

/* Copies a text into a buffer of an answer. Returns 0, or -1 where it does not fit: the buffer is then empty. */
static inline int folio_plugin_copy(char *buffer, uint32_t size, const char *text) {
    size_t length = strlen(text);
    if (size == 0) return -1;
    if (length >= size) {
        buffer[0] = 0;
        return -1;
    }
    memcpy(buffer, text, length + 1);
    return 0;
}

/* The value of a mount option, "" for one without; NULL: it is not set. */
static inline const char *folio_plugin_option(const struct folio_plugin_question *question, const char *name) {
    size_t length = strlen(name);
    const char *const *option = question->mount_options;
    for (; option && *option; option++) {
        if (strncmp(*option, name, length) != 0) continue;
        if ((*option)[length] == 0) return "";
        if ((*option)[length] == '=') return *option + length + 1;
    }
    return NULL;
}

#ifdef __cplusplus
}
#endif
#endif
