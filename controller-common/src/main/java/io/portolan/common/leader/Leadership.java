package io.portolan.common.leader;

/**
 * The right to act, asked for before each effect.
 *
 * <p>An effect that begins while the answer is true must end within {@link
 * LeaseTiming#effectLimit()}, because only then is it certain that no other process acts.
 */
public interface Leadership {
  /** For programs of which there is only one. */
  Leadership ALWAYS = () -> true;

  /** Whether this process may begin an effect now. Cheap; from any thread. */
  boolean isCurrent();
}
