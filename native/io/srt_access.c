#include "tsloom/srt.h"

#include <string.h>

/* The value of a key in "#!::k1=v1,k2=v2" (SRT Access Control); false where it is not there. */
static bool find_key(const char *streamid, const char *key, const char **value, size_t *size) {
    if (strncmp(streamid, "#!::", 4) != 0) {
        return false;
    }
    size_t key_size = strlen(key);
    for (const char *at = streamid + 4; *at;) {
        size_t length = strcspn(at, ",");
        if (length > key_size && strncmp(at, key, key_size) == 0 && at[key_size] == '=') {
            *value = at + key_size + 1;
            *size = length - key_size - 1;
            return true;
        }
        at += length + (at[length] == ',');
    }
    return false;
}

static bool has_value(const char *streamid, const char *key, const char *wanted) {
    const char *value;
    size_t size;
    return find_key(streamid, key, &value, &size) && size == strlen(wanted) &&
           memcmp(value, wanted, size) == 0;
}

static const ts_srt_access_entry *find_entry(const ts_srt_access *access, const char *streamid) {
    for (size_t i = 0; i < access->count; i++) {
        const ts_srt_access_entry *entry = &access->entries[i];
        if (strcmp(entry->streamid, streamid) == 0 || has_value(streamid, "r", entry->streamid)) {
            return entry;
        }
    }
    return NULL;
}

int ts_srt_access_judge(const ts_srt_access *access, const char *streamid,
                        const ts_srt_access_entry **entry) {
    *entry = find_entry(access, streamid);
    if (access->count && !*entry) {
        return TS_SRT_REJX_FORBIDDEN;
    }
    if (has_value(streamid, "m", access->gives ? "publish" : "request")) {
        return TS_SRT_REJX_BAD_MODE;
    }
    return 0;
}

/* Runs on the library's receiver thread, with all other traffic of the port waiting for it. */
static int decide(void *opaque, ts_srt_id id, int hsversion, const struct sockaddr *peer,
                  const char *streamid) {
    ts_srt_access *access = opaque;
    const ts_srt_access_entry *entry;
    (void)hsversion, (void)peer;
    int reason = ts_srt_access_judge(access, streamid ? streamid : "", &entry);
    if (reason) {
        atomic_fetch_add(&access->refused_streamids, 1);
    } else if (atomic_fetch_sub(&access->room, 1) <= 0) {
        atomic_fetch_add(&access->room, 1);
        atomic_fetch_add(&access->refused_full, 1);
        reason = TS_SRT_REJX_OVERLOAD;
    }
    if (!reason && entry && entry->passphrase[0]) {
        int size = (int)strlen(entry->passphrase);
        if (access->srt->setsockflag(id, TS_SRT_PASSPHRASE, entry->passphrase, size) < 0) {
            reason = TS_SRT_REJX_FORBIDDEN;
        }
    }
    if (reason) {
        (void)access->srt->setrejectreason(id, reason);
        return -1;
    }
    return 0;
}

int ts_srt_listen(ts_srt_socket *opened, ts_srt_access *access, int backlog) {
    const ts_srt_library *srt = opened->srt;
    if (srt->listen_callback(opened->id, decide, access) < 0 ||
        srt->listen(opened->id, backlog) < 0) {
        int code = srt->getlasterror(NULL);
        return code > 0 ? code : TS_SRT_FAILED;
    }
    return 0;
}
