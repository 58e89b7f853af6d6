@NullMarked
package io.portolan.linux.unix;

import org.jspecify.annotations.NullMarked;
