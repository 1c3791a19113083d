/* The module _ssl over OpenSSL.
 *
 * T1: OpenSSL runs only outside transactions, each object with its lock held; what it has done cannot be rolled back.
 * T2: it never waits: the BIO of a socket uses non-blocking calls, and who must wait polls without the lock, so that one
 *     thread may write while another waits to read.
 * T3: what a call has found out leaves the blocking region in locals: a struct hd_tls_failure, or a flat result, which is C
 *     memory in a small binary form and becomes Python objects in the transaction that follows. */
#ifndef HD_SSL_INTERNAL_H
#define HD_SSL_INTERNAL_H
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include "interp/modules/modules.h"
#include "interp/types/bytes.h"

/* ---- failures ---- */
enum hd_tls_outcome { HD_TLS_DONE, HD_TLS_FAILED, HD_TLS_WANT_READ, HD_TLS_WANT_WRITE, HD_TLS_HELLO /* the server's callback decides */, HD_TLS_CLOSED,
                      HD_TLS_EOF, HD_TLS_SYSTEM, HD_TLS_SYSCALL };
struct hd_tls_failure {
    enum hd_tls_outcome outcome;
    int system;                          /* errno */
    unsigned long code;                  /* of OpenSSL's error queue; 0: none */
    long verify;                         /* X509_V_*, of a certificate that did not verify */
    const char *text;                    /* where there is no code; NULL: by the outcome */
};
void hd_tls_note(struct hd_tls_failure *f);                       /* takes the last error out of the queue; empties it */
hd_value hd_tls_raise_at(const struct hd_tls_failure *f, int line, const char *hostname);
#define hd_tls_raise(f) hd_tls_raise_at((f), __LINE__, NULL)

/* ---- flat results ---- */
struct hd_flat { unsigned char *p; size_t n, cap; bool failed; };
void hd_flat_open(struct hd_flat *f, char kind /* ( tuple [ list { dict */, uint32_t count);      /* count values (pairs) follow */
size_t hd_flat_place(struct hd_flat *f, char kind);              /* as open, the count comes later */
void hd_flat_count(struct hd_flat *f, size_t place, uint32_t count);
void hd_flat_text(struct hd_flat *f, const char *s);             /* NULL: None */
void hd_flat_data(struct hd_flat *f, char kind /* s str, b bytes */, const void *p, size_t n);
void hd_flat_int(struct hd_flat *f, int64_t v);
void hd_flat_bool(struct hd_flat *f, bool v);
/* In a transaction: the Python object; frees f when it commits. */
hd_value hd_flat_value(struct hd_flat *f) HD_MUST;

void hd_flat_certificate(struct hd_flat *f, X509 *x);            /* as getpeercert() shows it */
void hd_flat_der(struct hd_flat *f, X509 *x);
void hd_flat_cipher(struct hd_flat *f, const SSL_CIPHER *c);     /* (name, protocol, bits) */

/* ---- BIOs ---- */
struct hd_tls_pipe { pthread_mutex_t lock; unsigned char *data; size_t at, n, cap; bool eof; uint32_t uses; /* atomic */ };
HD_MUTABLE(hd_memory_bio)
struct hd_memory_bio { struct hd_mhead head; HD_PSLOT(struct hd_tls_pipe) pipe; };
HD_MUTABLE_OPEN(hd_memory_bio, hd_inst_size(o))
extern struct hd_type hd_memory_bio_type;
BIO *hd_bio_of_pipe(struct hd_tls_pipe *p);                      /* with a use of its own */
BIO *hd_bio_of_socket(int fd);
int hd_bio_fill(void);

/* ---- contexts ---- */
enum { HD_TLS_CLIENT = 16, HD_TLS_SERVER };                      /* protocols: PROTOCOL_TLS_CLIENT and _SERVER */
struct hd_tls_context {
    pthread_mutex_t lock;
    SSL_CTX *ctx;
    int protocol;
    bool check_hostname, sni, post_handshake;
    unsigned host_flags;
    unsigned char *alpn;
    unsigned nalpn;
    FILE *keys;                          /* keylog_filename */
};
HD_MUTABLE(hd_context)
struct hd_context { struct hd_mhead head; HD_PSLOT(struct hd_tls_context) tls; hd_vslot sni, keylog; };
HD_MUTABLE_OPEN(hd_context, hd_inst_size(o))
#define HD_CONTEXT(v) ((struct hd_context *)hd_ptr(v))
extern struct hd_type hd_context_type;
/* Outside transactions with the lock of the context or connection; no return in between. */
#define HD_TLS(x)     HD_BLOCKING pthread_mutex_lock(&(x)->lock); ERR_clear_error();
#define HD_END_TLS(x) pthread_mutex_unlock(&(x)->lock); HD_END_BLOCKING
int hd_tls_hello(SSL *ssl, int *alert, void *arg);               /* ssl_socket.c: the client-hello callback */

/* ---- connections ---- */
hd_value hd_tls_wrap(hd_value context, hd_value sock, hd_value incoming, hd_value outgoing, bool server, hd_value hostname, hd_value owner, hd_value session) HD_MUST;
extern struct hd_type hd_connection_type, hd_session_type;
#define HD_TLS_METHOD(name) hd_value name(hd_value self, const hd_value *args, size_t nargs, hd_value kwnames)
#endif
