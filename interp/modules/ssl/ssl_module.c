/* The module _ssl: its functions and constants. */
#include <openssl/objects.h>
#include <openssl/rand.h>
#include "interp/modules/ssl/ssl_internal.h"
#include "interp/modules/ssl/ssl_load.h"

static HD_TLS_METHOD(rand_add)
{
    double entropy;
    hd_value b = hd_is_str(args[0]) ? hd_str_encode(args[0], "utf-8", "strict") : hd_bytes_fixed(args[0]);
    if (b == HD_ERR || hd_as_double(args[1], &entropy) < 0) return HD_ERR;
    HD_BLOCKING
        RAND_add(HD_BYTES(b)->data, (int)HD_BYTES(b)->len, entropy);
    HD_END_BLOCKING
    return HD_NONE;
}
static hd_value random_bytes(hd_value count)
{
    int64_t n;
    struct hd_tls_failure f = { .outcome = HD_TLS_FAILED };
    bool ok;
    if (hd_as_i64(count, &n) < 0) return HD_ERR;
    if (n < 0) return hd_raise(&hd_exc_ValueError, "num must be positive");
    if (n > INT32_MAX) return hd_raise(&hd_exc_OverflowError, "signed integer is greater than maximum");
    hd_value b = hd_bytes_new(NULL, (size_t)n);
    if (b == HD_ERR) return b;
    HD_BLOCKING
        ok = RAND_bytes(HD_BYTES(b)->data, (int)n) == 1;
        hd_tls_note(&f);
    HD_END_BLOCKING
    return ok ? b : hd_tls_raise(&f);
}
static HD_TLS_METHOD(rand_bytes) { return random_bytes(args[0]); }
static HD_TLS_METHOD(rand_pseudo_bytes)
{
    if (hd_warn(&hd_exc_DeprecationWarning, 1, "ssl.RAND_pseudo_bytes() is deprecated") < 0) return HD_ERR;
    hd_value b = random_bytes(args[0]);
    return b == HD_ERR ? b : hd_tuplev(b, HD_TRUE);
}
static HD_TLS_METHOD(rand_status) { return hd_bool(RAND_status() == 1); }
static HD_TLS_METHOD(default_paths)
{
    return hd_tuplev(hd_str_utf8(X509_get_default_cert_file_env()), hd_str_utf8(X509_get_default_cert_file()), hd_str_utf8(X509_get_default_cert_dir_env()), hd_str_utf8(X509_get_default_cert_dir()));
}
/* (nid, short name, long name, dotted form) */
static void flat_object(struct hd_flat *f, const ASN1_OBJECT *o)
{
    char t[256];
    int nid = OBJ_obj2nid(o), n = OBJ_obj2txt(t, sizeof t, o, 1);
    hd_flat_open(f, '(', 4);
    hd_flat_int(f, nid), hd_flat_text(f, OBJ_nid2sn(nid)), hd_flat_text(f, OBJ_nid2ln(nid)), hd_flat_text(f, n > 0 ? t : NULL);
}
static HD_TLS_METHOD(txt2obj)
{
    hd_value a[2];
    struct hd_flat out = { 0 };
    const char *text = hd_args("txt2obj", "txt,|name", args, nargs, kwnames, a) < 0 ? NULL : hd_is_str(a[0]) ? hd_str_as_utf8(a[0], NULL) : (hd_raise(&hd_exc_TypeError, "txt2obj() argument 'txt' must be str, not %A", a[0]), NULL);
    int name = a[1] == HD_ABSENT ? 0 : !text ? -1 : hd_truth(a[1]);
    if (!text || name < 0) return HD_ERR;
    HD_BLOCKING
        ASN1_OBJECT *o = OBJ_txt2obj(text, !name);
        if (o) flat_object(&out, o);
        ASN1_OBJECT_free(o);
        ERR_clear_error();
    HD_END_BLOCKING
    return out.p ? hd_flat_value(&out) : hd_raise(&hd_exc_ValueError, "unknown object '%.100s'", text);
}
static HD_TLS_METHOD(nid2obj)
{
    int nid;
    struct hd_flat out = { 0 };
    if (hd_as_int32(args[0], &nid) < 0) return HD_ERR;
    if (nid < 0) return hd_raise(&hd_exc_ValueError, "NID must be positive");
    HD_BLOCKING
        ASN1_OBJECT *o = OBJ_nid2obj(nid);
        if (o && nid != NID_undef) flat_object(&out, o);
        ERR_clear_error();
    HD_END_BLOCKING
    return out.p ? hd_flat_value(&out) : hd_raise(&hd_exc_ValueError, "unknown NID %d", nid);
}
static HD_TLS_METHOD(test_decode_cert)
{
    const char *path = hd_fs_path_c(args[0], NULL);
    struct hd_flat out = { 0 };
    struct hd_tls_failure f = { .outcome = HD_TLS_FAILED };
    if (!path) return HD_ERR;
    HD_BLOCKING
        ERR_clear_error();
        BIO *b = BIO_new_file(path, "r");
        X509 *x = b ? PEM_read_bio_X509(b, NULL, NULL, NULL) : NULL;
        if (x) hd_flat_certificate(&out, x);
        else hd_tls_note(&f);
        X509_free(x);
        BIO_free(b);
    HD_END_BLOCKING
    return out.p ? hd_flat_value(&out) : hd_tls_raise(&f);
}
static const struct hd_methoddef methods[] = {
    { "RAND_add", rand_add, 2, 2, 0, "RAND_add($module, string, entropy, /)\n--\n\nMix string into the OpenSSL PRNG state." }, { "RAND_bytes", rand_bytes, 1, 1, 0, "RAND_bytes($module, n, /)\n--\n\nGenerate n cryptographically strong pseudo-random bytes." },
    { "RAND_pseudo_bytes", rand_pseudo_bytes, 1, 1, 0, "RAND_pseudo_bytes($module, n, /)\n--\n\n" }, { "RAND_status", rand_status, 0, 0, 0, "RAND_status($module, /)\n--\n\nReturns True if the generator has been seeded." },
    { "get_default_verify_paths", default_paths, 0, 0, 0, "get_default_verify_paths($module, /)\n--\n\nReturn search paths and environment vars of the default CA." },
    { "txt2obj", txt2obj, 0, -1, HD_METH_KW, "txt2obj($module, /, txt, name=False)\n--\n\nLookup NID, short name, long name and OID of an ASN1_OBJECT." },
    { "nid2obj", nid2obj, 1, 1, 0, "nid2obj($module, nid, /)\n--\n\nLookup NID, short name, long name and OID of an ASN1_OBJECT by NID." },
    { "_test_decode_cert", test_decode_cert, 1, 1, 0, "_test_decode_cert($module, path, /)\n--\n\n" }, { 0 }
};
static hd_value version_tuple(void)
{
    return hd_tuplev(hd_fix(OPENSSL_version_major()), hd_fix(OPENSSL_version_minor()), hd_fix(0), hd_fix(OPENSSL_version_patch()), hd_fix(0));
}
static int fill(hd_value m)
{
    static const struct { const char *name; int64_t v; } c[] = {
#define ALERT(x) { "ALERT_DESCRIPTION_" #x, SSL_AD_##x },
        ALERT(ACCESS_DENIED) ALERT(BAD_CERTIFICATE) ALERT(BAD_CERTIFICATE_HASH_VALUE) ALERT(BAD_CERTIFICATE_STATUS_RESPONSE) ALERT(BAD_RECORD_MAC) ALERT(CERTIFICATE_EXPIRED)
        ALERT(CERTIFICATE_REVOKED) ALERT(CERTIFICATE_UNKNOWN) ALERT(CERTIFICATE_UNOBTAINABLE) ALERT(CLOSE_NOTIFY) ALERT(DECODE_ERROR) ALERT(DECOMPRESSION_FAILURE) ALERT(DECRYPT_ERROR)
        ALERT(HANDSHAKE_FAILURE) ALERT(ILLEGAL_PARAMETER) ALERT(INSUFFICIENT_SECURITY) ALERT(INTERNAL_ERROR) ALERT(NO_RENEGOTIATION) ALERT(PROTOCOL_VERSION) ALERT(RECORD_OVERFLOW)
        ALERT(UNEXPECTED_MESSAGE) ALERT(UNKNOWN_CA) ALERT(UNKNOWN_PSK_IDENTITY) ALERT(UNRECOGNIZED_NAME) ALERT(UNSUPPORTED_CERTIFICATE) ALERT(UNSUPPORTED_EXTENSION) ALERT(USER_CANCELLED)
#undef ALERT
#define O(x) { "OP_" #x, (int64_t)SSL_OP_##x },
        O(ALL) O(CIPHER_SERVER_PREFERENCE) O(ENABLE_MIDDLEBOX_COMPAT) O(IGNORE_UNEXPECTED_EOF) O(NO_COMPRESSION) O(NO_RENEGOTIATION) O(NO_SSLv2) O(NO_SSLv3) O(NO_TICKET) O(NO_TLSv1)
        O(NO_TLSv1_1) O(NO_TLSv1_2) O(NO_TLSv1_3) O(SINGLE_DH_USE) O(SINGLE_ECDH_USE)
#undef O
#define E(x) { "SSL_ERROR_" #x, SSL_ERROR_##x },
        E(SSL) E(SYSCALL) E(WANT_CONNECT) E(WANT_READ) E(WANT_WRITE) E(WANT_X509_LOOKUP) E(ZERO_RETURN)
#undef E
        { "SSL_ERROR_EOF", 8 }, { "SSL_ERROR_INVALID_ERROR_CODE", 10 },
        { "VERIFY_DEFAULT", 0 }, { "VERIFY_ALLOW_PROXY_CERTS", X509_V_FLAG_ALLOW_PROXY_CERTS }, { "VERIFY_CRL_CHECK_CHAIN", X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL },
        { "VERIFY_CRL_CHECK_LEAF", X509_V_FLAG_CRL_CHECK }, { "VERIFY_X509_PARTIAL_CHAIN", X509_V_FLAG_PARTIAL_CHAIN }, { "VERIFY_X509_STRICT", X509_V_FLAG_X509_STRICT },
        { "VERIFY_X509_TRUSTED_FIRST", X509_V_FLAG_TRUSTED_FIRST }, { "HOSTFLAG_ALWAYS_CHECK_SUBJECT", X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT },
        { "HOSTFLAG_MULTI_LABEL_WILDCARDS", X509_CHECK_FLAG_MULTI_LABEL_WILDCARDS }, { "HOSTFLAG_NEVER_CHECK_SUBJECT", X509_CHECK_FLAG_NEVER_CHECK_SUBJECT },
        { "HOSTFLAG_NO_PARTIAL_WILDCARDS", X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS }, { "HOSTFLAG_NO_WILDCARDS", X509_CHECK_FLAG_NO_WILDCARDS },
        { "HOSTFLAG_SINGLE_LABEL_SUBDOMAINS", X509_CHECK_FLAG_SINGLE_LABEL_SUBDOMAINS }, { "CERT_NONE", 0 }, { "CERT_OPTIONAL", 1 }, { "CERT_REQUIRED", 2 },
        { "PROTOCOL_SSLv23", 2 }, { "PROTOCOL_TLS", 2 }, { "PROTOCOL_TLS_CLIENT", 16 }, { "PROTOCOL_TLS_SERVER", 17 }, { "PROTOCOL_TLSv1", 3 }, { "PROTOCOL_TLSv1_1", 4 },
        { "PROTOCOL_TLSv1_2", 5 }, { "PROTO_MAXIMUM_SUPPORTED", -1 }, { "PROTO_MINIMUM_SUPPORTED", -2 }, { "PROTO_SSLv3", SSL3_VERSION }, { "PROTO_TLSv1", TLS1_VERSION },
        { "PROTO_TLSv1_1", TLS1_1_VERSION }, { "PROTO_TLSv1_2", TLS1_2_VERSION }, { "PROTO_TLSv1_3", TLS1_3_VERSION }, { "ENCODING_PEM", 1 }, { "ENCODING_DER", 2 },
    };
    static const struct { const char *name; bool v; } has[] = {
        { "HAS_SNI", true }, { "HAS_ECDH", true }, { "HAS_NPN", false }, { "HAS_ALPN", true }, { "HAS_SSLv2", false }, { "HAS_SSLv3", false }, { "HAS_TLSv1", true }, { "HAS_TLSv1_1", true },
        { "HAS_TLSv1_2", true }, { "HAS_TLSv1_3", true }, { "HAS_TLS_UNIQUE", true },
    };
    static const char *const errors[] = { "SSLError", "SSLZeroReturnError", "SSLWantReadError", "SSLWantWriteError", "SSLSyscallError", "SSLEOFError", "SSLCertVerificationError" };
    const char *missing;
    HD_BLOCKING
        missing = hd_openssl_load();
    HD_END_BLOCKING
    if (missing) { hd_raise(&hd_exc_ImportError, "OpenSSL: %s", missing); return -1; }
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) if (hd_module_add_int(m, c[i].name, c[i].v) < 0) return -1;
    for (size_t i = 0; i < sizeof has / sizeof *has; i++) if (hd_module_add(m, has[i].name, hd_bool(has[i].v)) < 0) return -1;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        hd_value e = hd_import_attr("_ssl_errors", errors[i]);
        if (e == HD_ERR || hd_module_add(m, errors[i], e) < 0) return -1;
    }
    hd_value v = version_tuple();
    if (v == HD_ERR || hd_module_add(m, "OPENSSL_VERSION_INFO", v) < 0 || hd_module_add(m, "_OPENSSL_API_VERSION", v) < 0 ||
        hd_module_add_int(m, "OPENSSL_VERSION_NUMBER", (int64_t)OpenSSL_version_num()) < 0 || hd_module_add_str(m, "OPENSSL_VERSION", OpenSSL_version(OPENSSL_VERSION)) < 0 ||
        hd_module_add_str(m, "_DEFAULT_CIPHERS", "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM") < 0) return -1;
    if (hd_bio_fill() < 0) { (void)hd_no_memory(); return -1; }
    return hd_add_type(m, &hd_context_type) < 0 || hd_add_type(m, &hd_connection_type) < 0 || hd_add_type(m, &hd_memory_bio_type) < 0 || hd_add_type(m, &hd_session_type) < 0 ? -1 : 0;
}
const struct hd_moduledef hd_module_ssl = { "_ssl", "Implementation module for SSL socket operations.  See the socket module\nfor documentation.", methods, fill };
