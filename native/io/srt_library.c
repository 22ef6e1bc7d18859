#include "tsloom/srt_library.h"

#include <dlfcn.h>
#include <string.h>
#include <syslog.h>

typedef struct symbol {
    const char *name;
    size_t offset; /* of its pointer in the table */
} symbol;

#define SYMBOL(name)                                                                               \
    { "srt_" #name, offsetof(ts_srt_library, name) }

static const symbol SYMBOLS[] = {
    SYMBOL(startup),
    SYMBOL(cleanup),
    SYMBOL(getversion),
    SYMBOL(setloglevel),
    SYMBOL(setloghandler),
    SYMBOL(create_socket),
    SYMBOL(close),
    SYMBOL(bind),
    SYMBOL(listen),
    SYMBOL(listen_callback),
    SYMBOL(accept),
    SYMBOL(connect),
    SYMBOL(getpeername),
    SYMBOL(getsockname),
    SYMBOL(getsockflag),
    SYMBOL(setsockflag),
    SYMBOL(getsockstate),
    SYMBOL(getrejectreason),
    SYMBOL(setrejectreason),
    SYMBOL(sendmsg2),
    SYMBOL(recvmsg2),
    SYMBOL(bstats),
    SYMBOL(getsndbuffer),
    SYMBOL(getlasterror),
    SYMBOL(getlasterror_str),
    SYMBOL(epoll_create),
    SYMBOL(epoll_release),
    SYMBOL(epoll_add_usock),
    SYMBOL(epoll_remove_usock),
    SYMBOL(epoll_uwait),
};

/* The library would print to stderr on its own. What matters comes back as errors. */
static void keep_quiet(void *opaque, int level, const char *file, int line, const char *area,
                       const char *message) {
    (void)opaque, (void)level, (void)file, (void)line, (void)area, (void)message;
}

static const char *find_symbols(ts_srt_library *library, void *handle) {
    for (size_t i = 0; i < sizeof SYMBOLS / sizeof SYMBOLS[0]; i++) {
        void *address = dlsym(handle, SYMBOLS[i].name);
        if (!address) {
            return dlerror();
        }
        /* POSIX lets a function's address pass through void *; ISO C has no conversion for it. */
        memcpy((char *)library + SYMBOLS[i].offset, &address, sizeof address);
    }
    return NULL;
}

const char *ts_srt_library_load(ts_srt_library *library, const char *name) {
    memset(library, 0, sizeof *library);
    /* Two builds of the library in one global scope would take each other's functions. */
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        return dlerror();
    }
    const char *reason = find_symbols(library, handle);
    if (!reason && library->startup() < 0) {
        reason = "srt_startup failed";
    }
    if (reason) {
        return reason; /* not closed: the words may lie in it */
    }
    library->setloghandler(NULL, keep_quiet);
    library->setloglevel(LOG_CRIT);
    library->handle = handle;
    return NULL;
}

void ts_srt_library_end(ts_srt_library *library) {
    if (library->handle) {
        (void)library->cleanup();
        library->handle = NULL;
    }
}
