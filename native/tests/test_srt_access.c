#include "tsloom/srt.h"

#include "check.h"

#include <string.h>

static ts_srt_access_entry entries[2];
static ts_srt_access access;

static int judge(const char *streamid) {
    const ts_srt_access_entry *entry;
    return ts_srt_access_judge(&access, streamid, &entry);
}

static void test_a_streamid_is_known_by_itself_or_by_its_resource(void) {
    const ts_srt_access_entry *entry;
    CHECK(ts_srt_access_judge(&access, "one", &entry) == 0 && entry == &entries[0]);
    CHECK(ts_srt_access_judge(&access, "#!::u=me,r=two", &entry) == 0 && entry == &entries[1]);
    CHECK(judge("") == TS_SRT_REJX_FORBIDDEN);
    CHECK(judge("on") == TS_SRT_REJX_FORBIDDEN);
    CHECK(judge("onee") == TS_SRT_REJX_FORBIDDEN);
    CHECK(judge("r=two") == TS_SRT_REJX_FORBIDDEN);
    CHECK(judge("#!::r=tw") == TS_SRT_REJX_FORBIDDEN);
    CHECK(judge("#!::rr=two") == TS_SRT_REJX_FORBIDDEN);
    CHECK(judge("#!::") == TS_SRT_REJX_FORBIDDEN);
    CHECK(judge("#!::,,r=") == TS_SRT_REJX_FORBIDDEN);
    CHECK(judge("#!::,,r=two,") == 0);
}

static void test_the_direction_must_be_the_other_ones(void) {
    access.gives = false;
    CHECK(judge("#!::r=one,m=publish") == 0);
    CHECK(judge("#!::r=one,m=request") == TS_SRT_REJX_BAD_MODE);
    access.gives = true;
    CHECK(judge("#!::r=one,m=publish") == TS_SRT_REJX_BAD_MODE);
    CHECK(judge("#!::m=request,r=one") == 0);
}

static void test_without_a_table_all_may_come(void) {
    access.count = 0;
    CHECK(judge("") == 0);
    CHECK(judge("whatever") == 0);
    CHECK(judge("#!::m=publish") == TS_SRT_REJX_BAD_MODE);
    access.count = 2;
}

int main(void) {
    strcpy(entries[0].streamid, "one");
    strcpy(entries[1].streamid, "two");
    access.entries = entries;
    access.count = 2;
    test_a_streamid_is_known_by_itself_or_by_its_resource();
    test_the_direction_must_be_the_other_ones();
    test_without_a_table_all_may_come();
    return CHECK_RESULT;
}
