#include "tsloom/file.h"

#include <errno.h>
#include <unistd.h>

int ts_file_read(int descriptor, uint8_t *buffer, size_t capacity, size_t *size) {
    for (;;) {
        ssize_t got = read(descriptor, buffer, capacity);
        if (got >= 0) {
            *size = (size_t)got;
            return 0;
        }
        if (errno != EINTR) {
            *size = 0;
            return errno;
        }
    }
}
