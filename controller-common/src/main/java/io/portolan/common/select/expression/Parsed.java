package io.portolan.common.select.expression;

/** What became of a text. */
public sealed interface Parsed {

  /** A selector. */
  record Valid(Expression expression) implements Parsed {}

  /**
   * No selector.
   *
   * @param column of the first character that does not fit, in code points from 1; one past the
   *     last if something is missing at the end
   * @param problem what was expected there, and what was found
   */
  record Invalid(int column, String problem) implements Parsed {

    /** {@code column 7: expected a quoted string after '==', found 'x'}. */
    public String message() {
      return "column " + column + ": " + problem;
    }
  }
}
