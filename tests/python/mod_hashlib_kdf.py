# Key derivation and HMAC by OpenSSL beside the built-in digests.
import hashlib, hmac
import _hashlib
f=hashlib.scrypt
for kw in (dict(),dict(salt=b's'),dict(salt=b's',n=3),dict(salt=b's',n=4),dict(salt=b's',n=4,r=1),dict(salt=b's',n=4,r=1,p=1,dklen=0),dict(salt=b's',n=4,r=1,p=1,maxmem=-1),dict(salt=b's',n='x'),dict(salt='s',n=4,r=1,p=1),dict(salt=b's',n=1<<20,r=1,p=1,maxmem=1000),dict(salt=b's',n=1,r=1,p=1),dict(salt=b's',n=4,r=1,p=1,dklen=1<<40), dict(salt=b's',n=-4,r=1,p=1),dict(salt=b's',n=4,r=-1,p=1), dict(salt=b's',n=4,r=1,p=1), dict(salt=b'',n=16,r=8,p=2,dklen=9)):
    try: print(kw, f(b'p',**kw).hex())
    except Exception as e: print(kw, type(e).__name__, e)
g=hashlib.pbkdf2_hmac
for a in (('sha1',b'p',b's',0),('nope',b'p',b's',1),('sha1','p',b's',1),('sha1',b'p',b's',1,0),('sha1',b'p',b's',1<<40),(1,b'p',b's',1),('sha1',b'p',b's',1,-1),('sha1',b'p',b's',-1),('sha1',b'p',b's',1,1<<40),(), ('sha256',b'p',b's',3), ('SHA512',bytearray(b'p'),memoryview(b's'),7,11)):
    try: print(a[0], g(*a).hex())
    except Exception as e: print(a[:1], type(e).__name__, e)
h=_hashlib.hmac_digest
for a in ((b'k',b'm','sha256'),(b'k',b'm','nope'),('k',b'm','sha256'),(b'k',b'm',_hashlib.openssl_sha1),(b'k',b'm',_hashlib.openssl_sha3_256),(b'k',b'm',len),(b'k',b'm',3)):
    try: print(h(*a).hex())
    except Exception as e: print(type(e).__name__, e)
for name in ("md5", "sha1", "sha256", "sha3_384", "blake2b", "SHA224"):
    print(name, hashlib.new(name, b"abc").hexdigest(), hmac.new(b"k", b"m", name).hexdigest(), hmac.digest(b"k", b"m", name).hex())
print(hmac.compare_digest(b"a", b"a"), sorted(hashlib.algorithms_guaranteed - hashlib.algorithms_available))
for a in (('nope',),(3,)):
    try: print(hashlib.new(*a))
    except Exception as e: print(a[:1], type(e).__name__, e)
