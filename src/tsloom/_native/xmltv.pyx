"""What a guide says of each programme, gathered tag by tag."""

cimport cython
from cpython.unicode cimport PyUnicode_1BYTE_DATA, PyUnicode_GET_LENGTH
from libc.stdint cimport uint8_t


cdef enum:
    NOWHERE = -1
    DEPTH_MOST = 64
    # Of the titles, categories, credits, ... of one programme.
    PARTS_MOST = 200
    # More letters than an event could carry: 16 extended_event_descriptors of at most 249.
    TEXT_LIMIT = 8192

cdef str ROOT = "tv"
cdef str PROGRAMME = "programme"
# The children with text of their own, and those whose children's text is read.
cdef frozenset TEXTS = frozenset(("title", "sub-title", "desc", "category", "language"))
cdef frozenset GROUPS = frozenset(("credits", "rating", "video", "audio", "subtitles"))
CREDITS = ("director", "actor", "writer", "adapter", "producer", "composer", "editor",
           "presenter", "commentator", "guest")
cdef frozenset ROLES = frozenset(CREDITS)
cdef frozenset IN_GROUPS = ROLES | {"value", "aspect", "quality", "stereo", "language"}


@cython.final
cdef class Programme:
    """The words of one programme; each text with its lang attribute, each name with its role."""

    cdef readonly object line, channel, start, stop
    cdef readonly list titles, sub_titles, descriptions, categories, credits, ratings, components
    cdef public bint cut

    def __init__(self, line, channel="", start=None, stop=None):
        self.line = line
        self.channel = channel
        self.start = start
        self.stop = stop
        self.titles = []
        self.sub_titles = []
        self.descriptions = []
        self.categories = []
        self.credits = []
        self.ratings = []
        self.components = []


cdef class ProgrammeWalk:
    """Follows a document's tags and hands on each programme when it is whole."""

    cdef readonly Programme programme
    cdef readonly bint has_root
    cdef int _parts
    # Of open elements in the document, and of a programme's children.
    cdef int _depth
    cdef int _child_depth
    cdef dict _attributes
    cdef str _group
    cdef dict _facts
    cdef str _language
    cdef bint _wanted
    # The text since the last tag whose text is wanted.
    cdef list _pieces

    def __cinit__(self, *args, **kwargs):
        self._child_depth = NOWHERE
        self._attributes = {}
        self._group = ""
        self._facts = {}
        self._language = ""
        self._pieces = []

    def find_line(self):
        """The line that is read."""
        raise NotImplementedError

    def refuse(self):
        """Raises what the parser takes for a refusal of what is nested too deep."""
        raise NotImplementedError

    def take_component(self, Programme programme, str name, dict attributes, dict facts,
                       str language):
        """A video, audio or subtitles element: what its own attributes and children say, and the
        programme's language element."""
        raise NotImplementedError

    def take(self, Programme programme):
        """A programme that is whole."""
        raise NotImplementedError

    def start(self, str name not None, dict attributes not None):
        """An element begins."""
        self._depth += 1
        self._wanted = False
        if self._depth == self._child_depth:
            self._attributes = attributes
            if name in TEXTS:
                self._want()
            elif name in GROUPS:
                self._group = name
                self._facts = {}
        elif self._group:
            if name in IN_GROUPS:
                self._want()
        elif self.programme is None:
            self.has_root = self.has_root or name == ROOT
            if name == PROGRAMME:
                self._begin(attributes)
        if self._depth > DEPTH_MOST:
            self.refuse()

    def end(self, str name not None):
        """The last element that began ends."""
        cdef int depth = self._depth
        cdef Programme programme = self.programme
        self._depth = depth - 1
        if programme is None:
            return
        if self._wanted:
            self._wanted = False
            self._take_text(programme, name, self._join(programme), depth == self._child_depth)
        elif depth == self._child_depth:
            if self._group:
                self._take_group(programme, name)
                self._group = ""
        elif depth < self._child_depth:
            self._leave()
            programme.cut = programme.cut or self._parts > PARTS_MOST
            self.take(programme)

    def add(self, str text not None):
        """Text, in as many pieces as it comes."""
        if self._wanted:
            self._pieces.append(text)

    def trim(self):
        """Holds no more of a text than can be used; called now and then."""
        if len(self._pieces) > 1:
            # One letter more tells that there were more.
            self._pieces = ["".join(self._pieces)[:TEXT_LIMIT + 1]]

    def abandon(self):
        """The programme that is broken is lost: it, or None. No element is open any more."""
        lost = self.programme
        self._leave()
        self._depth = 0
        self._wanted = False
        return lost

    cdef void _want(self):
        self._parts += 1
        self._wanted = self._parts <= PARTS_MOST
        self._pieces.clear()

    cdef _begin(self, dict attributes):
        self.programme = Programme(self.find_line(), attributes.get("channel", ""),
                                   attributes.get("start"), attributes.get("stop"))
        self._child_depth = self._depth + 1
        self._parts = 0
        self._language = ""

    cdef void _leave(self):
        """No programme is open any more."""
        self.programme = None
        self._child_depth = NOWHERE
        self._group = ""

    cdef str _join(self, Programme programme):
        cdef str text = self._pieces[0] if len(self._pieces) == 1 else "".join(self._pieces)
        if len(text) > TEXT_LIMIT:
            programme.cut = True
            return text[:TEXT_LIMIT]
        return text

    cdef _take_text(self, Programme programme, str name, str text, bint is_child):
        if not is_child:
            if name in ROLES:
                programme.credits.append((name, text))
            else:
                self._facts[name] = text
        elif name == "title":
            programme.titles.append((self._attributes.get("lang"), text))
        elif name == "desc":
            programme.descriptions.append((self._attributes.get("lang"), text))
        elif name == "sub-title":
            programme.sub_titles.append((self._attributes.get("lang"), text))
        elif name == "category":
            programme.categories.append(text)
        else:
            self._language = text

    cdef _take_group(self, Programme programme, str name):
        """A child whose own children have told what it is."""
        if name == "rating":
            programme.ratings.append((self._attributes.get("system"),
                                      self._facts.get("value", "")))
        elif name != "credits":
            self.take_component(programme, name, self._attributes, self._facts, self._language)


def is_plain(str text not None):
    """Whether it is ASCII without control codes and without two spaces together."""
    cdef const uint8_t *letters
    cdef Py_ssize_t i
    cdef uint8_t bad = 0
    if not text.isascii():
        return False
    letters = <const uint8_t *> PyUnicode_1BYTE_DATA(text)
    for i in range(PyUnicode_GET_LENGTH(text)):
        # A NUL stands behind the last letter.
        bad |= ((letters[i] < 0x20) | (letters[i] == 0x7F)
                | ((letters[i] == 0x20) & (letters[i + 1] == 0x20)))
    return not bad
