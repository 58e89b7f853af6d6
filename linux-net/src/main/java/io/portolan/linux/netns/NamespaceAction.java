package io.portolan.linux.netns;

import org.jspecify.annotations.Nullable;

/**
 * Code to run inside a network namespace.
 *
 * @param <T> its result
 * @param <E> what it may throw; {@link RuntimeException} if nothing checked
 */
@FunctionalInterface
public interface NamespaceAction<T extends @Nullable Object, E extends Exception> {
  T run() throws E;
}
