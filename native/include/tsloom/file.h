/* Reading a file, without the interpreter. */
#ifndef TSLOOM_FILE_H
#define TSLOOM_FILE_H

#include <stddef.h>
#include <stdint.h>

/* Fills the buffer from the descriptor as far as one call does; *size is 0 at the end. 0, or the
 * system's error number. A signal that comes in between does not end it. */
int ts_file_read(int descriptor, uint8_t *buffer, size_t capacity, size_t *size);

#endif
