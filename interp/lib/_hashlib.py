"""What hashlib and hmac take from OpenSSL: key derivation.

The digests themselves are the built-in ones: their state is that of Python objects, which an aborted transaction puts back.
"""
from _kdf import hmac_digest as _hmac_digest, pbkdf2_hmac, scrypt
from _md5 import md5 as openssl_md5
from _operator import _compare_digest as compare_digest
from _sha1 import sha1 as openssl_sha1
from _sha256 import sha224 as openssl_sha224, sha256 as openssl_sha256
from _sha3 import sha3_224 as openssl_sha3_224, sha3_256 as openssl_sha3_256, sha3_384 as openssl_sha3_384
from _sha3 import sha3_512 as openssl_sha3_512, shake_128 as openssl_shake_128, shake_256 as openssl_shake_256
from _sha512 import sha384 as openssl_sha384, sha512 as openssl_sha512

_constructors = {name[8:]: f for name, f in globals().items() if name.startswith("openssl_")}
_names = {f: name for name, f in _constructors.items()}
openssl_md_meth_names = frozenset(_constructors)


class UnsupportedDigestmodError(ValueError):
    pass


def new(name, string=b"", *, usedforsecurity=True):
    if not isinstance(name, str):
        raise TypeError("name must be a string")
    constructor = _constructors.get(name.lower())
    if constructor is None:
        raise ValueError("[digital envelope routines] unsupported")
    return constructor(string, usedforsecurity=usedforsecurity)


def hmac_new(key, msg=b"", digestmod=None):
    raise UnsupportedDigestmodError("Unsupported digestmod %s" % (digestmod,))     # hmac.HMAC does it


def hmac_digest(key, msg, digest):
    if not isinstance(digest, str):
        name = _names.get(digest) if callable(digest) else None
        if name is None:
            raise UnsupportedDigestmodError("Unsupported digestmod %s" % (digest,))
        digest = name
    return _hmac_digest(key, msg, {"blake2b": "blake2b512", "blake2s": "blake2s256"}.get(digest) or digest.replace("_", "-"))


def get_fips_mode():
    return 0
