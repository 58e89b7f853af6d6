/**
 * Images of the programs as OCI archives, made without a container engine.
 *
 * <p>{@code build/images} lays the files out as they shall stand in the image, one directory for
 * each layer; this program packs them. The same files give the same bytes: times, owners and the
 * order of entries are fixed, only names, contents and the executable bit count.
 */
@NullMarked
package io.portolan.images;

import org.jspecify.annotations.NullMarked;
