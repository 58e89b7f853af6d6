package io.portolan.linux.netns;

/**
 * Code without a result to run inside a network namespace.
 *
 * @param <E> what it may throw; {@link RuntimeException} if nothing checked
 */
@FunctionalInterface
public interface NamespaceStep<E extends Exception> {
  void run() throws E;
}
