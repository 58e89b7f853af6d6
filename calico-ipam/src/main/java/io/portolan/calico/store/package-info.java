/**
 * Where Calico's objects are kept: one small interface of compare-and-swap, its form over the API
 * server, and the objects in it by type.
 */
@NullMarked
package io.portolan.calico.store;

import org.jspecify.annotations.NullMarked;
