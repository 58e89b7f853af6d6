/** Objects of Calico as text, read and written. */
@NullMarked
package io.portolan.calico.model;

import org.jspecify.annotations.NullMarked;
