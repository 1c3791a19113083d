#ifndef HD_SSL_LOAD_H
#define HD_SSL_LOAD_H
#include <stdbool.h>
/* Loads OpenSSL unless it is there: NULL, or what is missing.  Before any call of its functions; outside transactions. */
const char *hd_openssl_load(void);
#endif
