/**
 * The controller of a cloud as a process: watches that feed its view, writes to the API server, the
 * lease, health and an orderly end.
 *
 * <p>Effect package; joins {@code common.controller}, which knows no Kubernetes client, with {@code
 * common.kube} and {@code common.leader}, which know no clouds.
 */
@NullMarked
package io.portolan.common.runtime;

import org.jspecify.annotations.NullMarked;
