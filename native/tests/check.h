/* CHECK for the plain C tests: says what failed and goes on; main returns CHECK_RESULT. */
#ifndef TSLOOM_TESTS_CHECK_H
#define TSLOOM_TESTS_CHECK_H

#include <stdio.h>

static int check_failures;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                \
            check_failures++;                                                                      \
        }                                                                                          \
    } while (0)

#define CHECK_RESULT (check_failures != 0)

#endif
