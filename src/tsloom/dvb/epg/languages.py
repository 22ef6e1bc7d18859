"""Languages: XMLTV names them by two letters (ISO 639-1), DVB by three (ISO 639-2)."""

from __future__ import annotations

from functools import lru_cache

UNDETERMINED = "und"
_PAIRS = """
aa:aar ab:abk ae:ave af:afr ak:aka am:amh an:arg ar:ara as:asm av:ava ay:aym az:aze ba:bak be:bel
bg:bul bi:bis bm:bam bn:ben bo:bod br:bre bs:bos ca:cat ce:che ch:cha co:cos cr:cre cs:ces cu:chu
cv:chv cy:cym da:dan de:deu dv:div dz:dzo ee:ewe el:ell en:eng eo:epo es:spa et:est eu:eus fa:fas
ff:ful fi:fin fj:fij fo:fao fr:fra fy:fry ga:gle gd:gla gl:glg gn:grn gu:guj gv:glv ha:hau he:heb
hi:hin ho:hmo hr:hrv ht:hat hu:hun hy:hye hz:her ia:ina id:ind ie:ile ig:ibo ii:iii ik:ipk io:ido
is:isl it:ita iu:iku ja:jpn jv:jav ka:kat kg:kon ki:kik kj:kua kk:kaz kl:kal km:khm kn:kan ko:kor
kr:kau ks:kas ku:kur kv:kom kw:cor ky:kir la:lat lb:ltz lg:lug li:lim ln:lin lo:lao lt:lit lu:lub
lv:lav mg:mlg mh:mah mi:mri mk:mkd ml:mal mn:mon mr:mar ms:msa mt:mlt my:mya na:nau nb:nob nd:nde
ne:nep ng:ndo nl:nld nn:nno no:nor nr:nbl nv:nav ny:nya oc:oci oj:oji om:orm or:ori os:oss pa:pan
pi:pli pl:pol ps:pus pt:por qu:que rm:roh rn:run ro:ron ru:rus rw:kin sa:san sc:srd sd:snd se:sme
sg:sag si:sin sk:slk sl:slv sm:smo sn:sna so:som sq:sqi sr:srp ss:ssw st:sot su:sun sv:swe sw:swa
ta:tam te:tel tg:tgk th:tha ti:tir tk:tuk tl:tgl tn:tsn to:ton tr:tur ts:tso tt:tat tw:twi ty:tah
ug:uig uk:ukr ur:urd uz:uzb ve:ven vi:vie vo:vol wa:wln wo:wol xh:xho yi:yid yo:yor za:zha zh:zho
zu:zul
"""
# The bibliographic codes, which ISO 639-2 has beside the terminologic ones for these languages.
_BIBLIOGRAPHIC = """
alb:sq arm:hy baq:eu bur:my chi:zh cze:cs dut:nl fre:fr geo:ka ger:de gre:el ice:is mac:mk mao:mi
may:ms per:fa rum:ro slo:sk tib:bo wel:cy
"""
LONG_CODES = dict(pair.split(":") for pair in _PAIRS.split())
SHORT_CODES = {long: short for short, long in LONG_CODES.items()} | dict(
    pair.split(":") for pair in _BIBLIOGRAPHIC.split()
)


@lru_cache(maxsize=256)
def find_long_code(lang: str | None) -> str | None:
    """The three letters for a lang attribute such as "de", "de_CH" or "deu"; None if unknown."""
    if not lang:
        return None
    primary = lang.replace("_", "-").partition("-")[0].strip().lower()
    if len(primary) == 3 and primary.isascii() and primary.isalpha():
        return primary
    return LONG_CODES.get(primary)


def find_short_code(language: str) -> str | None:
    """The lang attribute for three letters: two where there are; None for no language."""
    folded = language.lower()
    if folded == UNDETERMINED or not (len(folded) == 3 and folded.isascii() and folded.isalpha()):
        return None
    return SHORT_CODES.get(folded, folded)
