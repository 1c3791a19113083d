/* The module _kdf: keys from passwords, by OpenSSL.  The functions are those of _hashlib (interp/lib/_hashlib.py). */
#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include "interp/modules/modules.h"
#include "interp/modules/ssl/ssl_load.h"
#include "interp/types/bytes.h"

#define ARGS hd_value self, const hd_value *args, size_t nargs, hd_value kwnames

/* What OpenSSL said last, as far as it can be raised after the transaction has begun again. */
struct failure { bool failed; const char *library, *reason; };

static struct failure note(bool failed)
{
    unsigned long e = failed ? ERR_peek_last_error() : 0;
    struct failure f = { failed, e ? ERR_lib_error_string(e) : NULL, e ? ERR_reason_error_string(e) : NULL };
    ERR_clear_error();
    return f;
}
static hd_value raise_failure(const struct failure *f)
{
    if (f->library && f->reason) return hd_raise(&hd_exc_ValueError, "[%s] %s", f->library, f->reason);
    return hd_raise(&hd_exc_ValueError, "%s", f->reason ? f->reason : "no reason supplied");
}

static int load(void)
{
    const char *missing;
    HD_BLOCKING
        missing = hd_openssl_load();
    HD_END_BLOCKING
    if (!missing) return 0;
    (void)hd_raise(&hd_exc_ImportError, "%s", missing);
    return -1;
}

static int length_arg(hd_value v, const char *too_small, const char *too_large, int *n)
{
    int64_t i;
    if (!hd_is_int(v)) { (void)hd_raise(&hd_exc_TypeError, "'%T' object cannot be interpreted as an integer", v); return -1; }
    if (hd_int_sign(v) <= 0) { (void)hd_raise(&hd_exc_ValueError, "%s", too_small); return -1; }
    if (!hd_is_fix(v) || (i = hd_unfix(v)) > INT_MAX) { (void)hd_raise(&hd_exc_OverflowError, "%s", too_large); return -1; }
    *n = (int)i;
    return 0;
}

static const char *digest_name(hd_value v, const char *what)
{
    size_t n;
    if (hd_is_str(v)) return hd_str_as_utf8(v, &n);
    (void)hd_raise(&hd_exc_TypeError, "%s must be str, not %T", what, v);
    return NULL;
}

static hd_value pbkdf2(ARGS)
{
    hd_value a[5];
    int rounds, length = 0;
    if (hd_args("pbkdf2_hmac", "hash_name,password,salt,iterations,|dklen", args, nargs, kwnames, a) < 0) return HD_ERR;
    const char *name = digest_name(a[0], "pbkdf2_hmac() argument 'hash_name'");
    hd_value password = name ? hd_bytes_fixed(a[1]) : HD_ERR, salt = password == HD_ERR ? HD_ERR : hd_bytes_fixed(a[2]);
    if (salt == HD_ERR) return HD_ERR;
    if (HD_BYTES(password)->len > INT_MAX) return hd_raise(&hd_exc_OverflowError, "password is too long.");
    if (HD_BYTES(salt)->len > INT_MAX) return hd_raise(&hd_exc_OverflowError, "salt is too long.");
    if (length_arg(a[3], "iteration value must be greater than 0.", "iteration value is too great.", &rounds) < 0) return HD_ERR;
    bool given = a[4] != HD_ABSENT && a[4] != HD_NONE;
    if (given && length_arg(a[4], "key length must be greater than 0.", "key length is too great.", &length) < 0) return HD_ERR;
    if (load() < 0) return HD_ERR;
    struct failure f;
    const EVP_MD *md;
    HD_BLOCKING
        md = EVP_get_digestbyname(name);
        if (md && !given) length = EVP_MD_get_size(md);
        f = note(!md);
    HD_END_BLOCKING
    if (f.failed) return hd_raise(&hd_exc_ValueError, "[digital envelope routines] unsupported");
    hd_value key = hd_bytes_new(NULL, (size_t)length);
    if (key == HD_ERR) return key;
    HD_BLOCKING
        f = note(!PKCS5_PBKDF2_HMAC((const char *)HD_BYTES(password)->data, (int)HD_BYTES(password)->len, HD_BYTES(salt)->data, (int)HD_BYTES(salt)->len,
                                    rounds, md, length, HD_BYTES(key)->data));
    HD_END_BLOCKING
    return f.failed ? raise_failure(&f) : key;
}

static int unsigned_arg(hd_value v, const char *name, uint64_t *n)
{
    if (v != HD_ABSENT && v != HD_NONE && !hd_is_int(v)) {
        (void)hd_raise(&hd_exc_TypeError, "scrypt() argument '%s' must be int, not %T", name, v);
        return -1;
    }
    int64_t i;
    if (v == HD_ABSENT || v == HD_NONE || hd_int_sign(v) < 0 || !hd_is_fix(v) || (i = hd_unfix(v)) < 0) {
        (void)hd_raise(&hd_exc_TypeError, "%s is required and must be an unsigned int", name);
        return -1;
    }
    *n = (uint64_t)i;
    return 0;
}
static int limit_arg(hd_value v, int least, int otherwise, const char *message, int *n)
{
    int64_t i;
    *n = otherwise;
    if (v == HD_ABSENT) return 0;
    if (!hd_is_int(v)) { (void)hd_raise(&hd_exc_TypeError, "'%T' object cannot be interpreted as an integer", v); return -1; }
    if (!hd_is_fix(v) || (i = hd_unfix(v)) < least || i > INT_MAX) { (void)hd_raise(&hd_exc_ValueError, message, INT_MAX); return -1; }
    *n = (int)i;
    return 0;
}
static hd_value scrypt(ARGS)
{
    hd_value a[7];
    uint64_t n, r, p;
    int most, length;
    if (hd_args("scrypt", "password,/,*,|salt,n,r,p,maxmem,dklen", args, nargs, kwnames, a) < 0) return HD_ERR;
    hd_value password = hd_bytes_fixed(a[0]);
    if (password == HD_ERR) return password;
    if (a[1] == HD_ABSENT || a[1] == HD_NONE) return hd_raise(&hd_exc_TypeError, "salt is required");
    hd_value salt = hd_bytes_fixed(a[1]);
    if (salt == HD_ERR || unsigned_arg(a[2], "n", &n) < 0) return HD_ERR;
    if (n < 2 || n & (n - 1)) return hd_raise(&hd_exc_ValueError, "n must be a power of 2.");
    if (unsigned_arg(a[3], "r", &r) < 0 || unsigned_arg(a[4], "p", &p) < 0 ||
        limit_arg(a[5], 0, 0, "maxmem must be positive and smaller than %d", &most) < 0 ||
        limit_arg(a[6], 1, 64, "dklen must be greater than 0 and smaller than %d", &length) < 0 || load() < 0) return HD_ERR;
    hd_value key = hd_bytes_new(NULL, (size_t)length);
    if (key == HD_ERR) return key;
    struct failure f;
    HD_BLOCKING                              /* first without a key: whether OpenSSL takes the numbers */
        f = note(!EVP_PBE_scrypt(NULL, 0, NULL, 0, n, r, p, (uint64_t)most, NULL, 0) ||
                 !EVP_PBE_scrypt((const char *)HD_BYTES(password)->data, (size_t)HD_BYTES(password)->len, HD_BYTES(salt)->data, (size_t)HD_BYTES(salt)->len,
                                 n, r, p, (uint64_t)most, HD_BYTES(key)->data, (size_t)length));
    HD_END_BLOCKING
    return f.failed ? raise_failure(&f) : key;
}

static hd_value hmac_once(ARGS)
{
    hd_value a[3];
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    if (hd_args("hmac_digest", "key,msg,digest", args, nargs, kwnames, a) < 0) return HD_ERR;
    const char *name = digest_name(a[2], "hmac_digest() argument 'digest'");
    hd_value key = name ? hd_bytes_fixed(a[0]) : HD_ERR, msg = key == HD_ERR ? HD_ERR : hd_bytes_fixed(a[1]);
    if (msg == HD_ERR) return HD_ERR;
    if (HD_BYTES(key)->len > INT_MAX) return hd_raise(&hd_exc_OverflowError, "key is too long.");
    if (HD_BYTES(msg)->len > INT_MAX) return hd_raise(&hd_exc_OverflowError, "msg is too long.");
    if (load() < 0) return HD_ERR;
    struct failure f;
    bool known;
    HD_BLOCKING
        const EVP_MD *md = EVP_get_digestbyname(name);
        known = md != NULL;
        f = note(!md || !HMAC(md, HD_BYTES(key)->data, (int)HD_BYTES(key)->len, HD_BYTES(msg)->data, (size_t)HD_BYTES(msg)->len, out, &n));
    HD_END_BLOCKING
    if (!known) return hd_raise(&hd_exc_ValueError, "[digital envelope routines] unsupported");
    return f.failed ? raise_failure(&f) : hd_bytes_new(out, n);
}

static const struct hd_methoddef functions[] = {
    { "pbkdf2_hmac", pbkdf2, 0, -1, HD_METH_KW, "pbkdf2_hmac($module, /, hash_name, password, salt, iterations, dklen=None)\n--\n\nA key from a password by PBKDF2 (PKCS #5) with HMAC." },
    { "scrypt", scrypt, 0, -1, HD_METH_KW, "scrypt($module, password, /, *, salt=None, n=None, r=None, p=None, maxmem=0, dklen=64)\n--\n\nA key from a password by scrypt (RFC 7914)." },
    { "hmac_digest", hmac_once, 0, -1, HD_METH_KW, "hmac_digest($module, /, key, msg, digest)\n--\n\nThe HMAC of a message." }, { 0 }
};
const struct hd_moduledef hd_module_kdf = { "_kdf", "Keys from passwords, by OpenSSL.", functions, NULL };
