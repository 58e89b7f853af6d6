/**
 * What of Calico's networking a node does by itself: watches of the cluster in, routes and BGP out.
 */
@NullMarked
package io.portolan.calico.node;

import org.jspecify.annotations.NullMarked;
