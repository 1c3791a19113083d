"""Incremental coders and streams of the multibyte encodings.

The codecs themselves are C (MultibyteCodec.encode and decode); what these classes keep between calls is the state of the
encoding, a number, and the input that waits for more.
"""
from _codecs_iso2022 import MultibyteCodec

_MAX_PENDING = 8                # bytes of an incomplete character
_MAX_WAITING = 2                # characters that may combine with the next


def _codec_of(self):
    codec = type(self).codec
    if not isinstance(codec, MultibyteCodec):
        raise TypeError("codec is unexpected type")
    return codec


class _Errors:
    """The attribute `errors`: the name of the error handler."""

    def __set_name__(self, owner, name):
        self.name = '_' + name

    def __get__(self, obj, owner=None):
        return self if obj is None else obj._errors

    def __set__(self, obj, value):
        if not isinstance(value, str):
            raise TypeError("errors must be a string")
        obj._errors = value

    def __delete__(self, obj):
        raise AttributeError("cannot delete attribute")


class _Encoding:
    """Encodes piece by piece."""

    def _start(self, errors):
        self._codec = _codec_of(self)
        self._errors = 'strict'
        self.errors = errors
        self._state, self._pending = 0, ''

    def _encode_piece(self, text, final):
        if not isinstance(text, str):
            raise TypeError("couldn't convert the object to str." if text is None else
                            f"encode() argument must be str, not {type(text).__name__}")
        text = self._pending + text
        data, used, state = self._codec._encode(text, self._errors, self._state, final)
        if len(text) - used > _MAX_WAITING:
            raise UnicodeError("pending buffer overflow")
        self._pending, self._state = text[used:], state
        return data


class MultibyteIncrementalEncoder(_Encoding):
    errors = _Errors()

    def __init__(self, errors='strict'):
        self._start(errors)

    def encode(self, input, final=False):
        data = self._encode_piece(input, final)
        if final:
            self._state, self._pending = 0, ''
        return data

    def reset(self):
        self._state, self._pending = 0, ''

    def getstate(self):
        waiting = self._pending.encode('utf-8', 'surrogatepass')
        return int.from_bytes(bytes([len(waiting)]) + waiting + self._state.to_bytes(8, 'little'), 'little')

    def setstate(self, state, /):
        if not isinstance(state, int):
            raise TypeError(f"setstate() argument must be int, not {type(state).__name__}")
        data = state.to_bytes(1 + 4 * _MAX_WAITING + 8, 'little')
        n = data[0]
        if n > 4 * _MAX_WAITING:
            raise UnicodeError("pending buffer too large")
        pending = data[1:1 + n].decode('utf-8', 'surrogatepass')
        self._pending, self._state = pending, int.from_bytes(data[1 + n:9 + n], 'little')


class MultibyteIncrementalDecoder:
    errors = _Errors()

    def __init__(self, errors='strict'):
        self._codec = _codec_of(self)
        self._errors = 'strict'
        self.errors = errors
        self._state, self._pending = 0, b''

    def decode(self, input, final=False):
        data = self._pending + bytes(memoryview(input).cast('B'))
        text, used, state = self._codec._decode(data, self._errors, self._state, final)
        if len(data) - used > _MAX_PENDING:
            raise UnicodeError("pending buffer overflow")
        self._pending, self._state = data[used:], state
        return text

    def reset(self):
        self._state, self._pending = 0, b''

    def getstate(self):
        return self._pending, self._state

    def setstate(self, state, /):
        if not isinstance(state, tuple):
            raise TypeError(f"setstate() argument must be tuple, not {type(state).__name__}")
        pending, number = state
        if not isinstance(pending, bytes) or not isinstance(number, int):
            raise TypeError("setstate(): illegal state argument")
        if len(pending) > _MAX_PENDING:
            raise UnicodeError("pending buffer too large")
        self._pending, self._state = pending, number


class MultibyteStreamReader:
    errors = _Errors()

    def __init__(self, stream, errors='strict'):
        self._codec = _codec_of(self)
        self._errors = 'strict'
        self.stream = stream
        self.errors = errors
        self._state, self._pending = 0, b''

    def _take(self, method, size):
        """What the stream's method gives, decoded; at least one character unless the stream ends."""
        if size == 0:
            return ''
        parts = []
        while True:
            data = method() if size < 0 else method(size)
            if not isinstance(data, bytes):
                raise TypeError(f"stream function returned a non-bytes object ({type(data).__name__})")
            final = size < 0 or not data
            data = self._pending + data
            text, used, self._state = self._codec._decode(data, self._errors, self._state, final)
            self._pending = data[used:]
            if text or final:
                return text
            size = 1                    # only the beginning of a character so far

    def read(self, size=None, /):
        return self._take(self.stream.read, -1 if size is None else size)

    def readline(self, size=None, /):
        return self._take(self.stream.readline, -1 if size is None else size)

    def readlines(self, sizehint=None, /):
        return self._take(self.stream.read, -1 if sizehint is None else sizehint).splitlines(True)

    def reset(self):
        self._state, self._pending = 0, b''


class MultibyteStreamWriter(_Encoding):
    errors = _Errors()

    def __init__(self, stream, errors='strict'):
        self._start(errors)
        self.stream = stream

    def write(self, strobj, /):
        self.stream.write(self._encode_piece(strobj, False))

    def writelines(self, lines, /):
        for line in lines:
            self.write(line)

    def reset(self):
        if self._pending:
            data = self._codec._encode(self._pending, self._errors, self._state, True)[0]
            self._state, self._pending = 0, ''
            self.stream.write(data)
