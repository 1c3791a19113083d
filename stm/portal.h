/* Portals, for who asks for a collection (the rest is in stm.h). */
#ifndef STM_PORTAL_H
#define STM_PORTAL_H
#include "stm/stm.h"

/* From `low` up to the innermost portal nothing counts as a reference, until this is called with what it returned.  NULL: the
 * portal is not bare, nothing has changed. */
char *stm_portal_bare_from(char *low);
/* As `low`: nothing below the innermost portal counts, and no register. */
#define STM_PORTAL_NOTHING ((char *)1)
#endif
