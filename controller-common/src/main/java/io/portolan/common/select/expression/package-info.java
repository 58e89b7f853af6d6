/**
 * The selector language of Calico policy: {@code app == 'web' && !(tier in {'db', 'cache'})}.
 *
 * <p>Text is parsed into an {@link io.portolan.common.select.expression.Expression}, which matches
 * labels, has one canonical spelling and a stable id, and is lowered to a {@link
 * io.portolan.common.select.Selector} for indexes and sets. Nothing here throws for any text: a
 * text that is no selector is a value that says where and what was expected. Pure.
 */
@NullMarked
package io.portolan.common.select.expression;

import org.jspecify.annotations.NullMarked;
