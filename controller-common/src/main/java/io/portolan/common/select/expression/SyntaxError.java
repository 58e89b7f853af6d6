package io.portolan.common.select.expression;

/** Leaves the parser's recursion; never leaves the package. */
final class SyntaxError extends Exception {
  private static final long serialVersionUID = 1;

  private final int offset;

  /**
   * @param offset of the character that does not fit
   */
  SyntaxError(int offset, String problem) {
    super(problem, null, false, false);
    this.offset = offset;
  }

  int offset() {
    return offset;
  }
}
