/* What a function of the core answers. Results come back through parameters. */
#ifndef TSLOOM_STATUS_H
#define TSLOOM_STATUS_H

typedef enum ts_status {
    TS_OK = 0,
    TS_NO_MEMORY,    /* the system refused memory; the state is unchanged */
    TS_BAD_ARGUMENT, /* the caller broke the function's contract */
    TS_BAD_SYNC,     /* a packet does not begin with 0x47 */
    TS_BAD_LENGTH,   /* a length field contradicts the bytes there are */
    TS_BAD_CRC,      /* CRC_32 does not match */
    TS_BAD_SYNTAX,   /* a field has a value that its clause forbids */
    TS_NO_ROOM,      /* the result does not fit where it should go */
    TS_NOT_FOUND,    /* what was asked for is not there */
    TS_WANTS_CONTROL /* a stage stopped within a batch: serve its events, then call it again */
} ts_status;

#endif
