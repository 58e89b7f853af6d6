/** What the tests of this module share. */
@NullMarked
package io.portolan.linux;

import org.jspecify.annotations.NullMarked;
