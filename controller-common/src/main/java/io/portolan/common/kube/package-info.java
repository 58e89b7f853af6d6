/**
 * The API server as the suite sees it: calls whose failures are values, watches that decode
 * straight into small records, and writers that never write more than they must.
 *
 * <p>Effects live here, and here alone fabric8's client is imported: for configuration,
 * authentication, TLS and HTTP. Its typed objects are not used, because a node agent that held
 * whole pods would not fit its memory. Callers block; run them on virtual threads.
 */
@NullMarked
package io.portolan.common.kube;

import org.jspecify.annotations.NullMarked;
