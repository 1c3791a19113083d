/* OpenSSL on demand.  Most processes never need it, and loading it would cost each of them a millisecond and two megabytes:
 * so its functions are defined here, as jumps through a table that is filled when _ssl is imported. */
#include <dlfcn.h>
#include <openssl/opensslv.h>
#include <pthread.h>
#include <stddef.h>
#include "interp/modules/ssl/ssl_load.h"

#define LIBRARY(name) name ".so." QUOTED(OPENSSL_SHLIB_VERSION)
#define QUOTED(x) QUOTED_(x)
#define QUOTED_(x) #x

#define F(name) extern void *hd_openssl_##name; void *hd_openssl_##name;                                                   \
    __asm__(".text\n.globl " #name "\n.type " #name ", @function\n" #name ":\n\tjmp *hd_openssl_" #name "(%rip)\n.size " #name ", .-" #name "\n");
#include "interp/modules/ssl/openssl_functions.def"
#undef F
static const struct { const char *name; void **place; } functions[] = {
#define F(name) { #name, &hd_openssl_##name },
#include "interp/modules/ssl/openssl_functions.def"
#undef F
};
const char *hd_openssl_load(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static bool loaded;
    static const char *failure;
    pthread_mutex_lock(&lock);
    if (!loaded) {
        void *ssl = dlopen(LIBRARY("libssl"), RTLD_NOW | RTLD_LOCAL), *crypto = ssl ? dlopen(LIBRARY("libcrypto"), RTLD_NOW | RTLD_LOCAL) : NULL;
        failure = crypto ? NULL : dlerror();
        for (size_t i = 0; !failure && i < sizeof functions / sizeof *functions; i++) {
            void *f = dlsym(ssl, functions[i].name);
            if (!f) f = dlsym(crypto, functions[i].name);
            if (f) *functions[i].place = f;
            else failure = functions[i].name;
        }
        loaded = !failure;
    }
    const char *result = failure;
    pthread_mutex_unlock(&lock);
    return result;
}
