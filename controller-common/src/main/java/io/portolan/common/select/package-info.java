/**
 * Which pods a policy means: label selectors as expressions, namespace scopes, and an index that
 * answers "which of ten thousand queries does this pod match" without asking them all. Pure.
 */
@NullMarked
package io.portolan.common.select;

import org.jspecify.annotations.NullMarked;
