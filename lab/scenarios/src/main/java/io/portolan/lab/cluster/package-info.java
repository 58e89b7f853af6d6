/**
 * The machines of a lab: nodes as network namespaces with a real node agent each, and a small
 * kubelet that starts pods as the real one does, through the CNI shim.
 */
@NullMarked
package io.portolan.lab.cluster;

import org.jspecify.annotations.NullMarked;
